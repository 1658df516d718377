/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Credentials that a node has anyhow, for a person at its command line. The agent takes none
 * that it was not given.
 */
#ifndef LOOPSCOPE_PODS_CREDENTIALS_H
#define LOOPSCOPE_PODS_CREDENTIALS_H

#include <limits.h>

#include "identity/kubernetes/cluster_access.h"

struct pods_credentials {
	char kubeconfig[PATH_MAX];  /* "": the service account of the pod that we are in, or none */
	char origin[PATH_MAX + 64]; /* in words: "the kubeconfig /etc/kubernetes/kubelet.conf" */
};

/*
 * In this order: the first file of $KUBECONFIG, the service account of our own pod,
 * the kubelet's kubeconfig, k3s's. Files that cannot be used are passed over, but for the
 * first. root: "" but in tests. -ENOENT: there are none; -EINVAL, ...: there are, but
 * they cannot be used. `error` (CLUSTER_ACCESS_ERROR_LEN) says what is wrong and what to do.
 */
int pods_credentials_find(const char *root, struct pods_credentials *ret_credentials, char *error);

#endif
