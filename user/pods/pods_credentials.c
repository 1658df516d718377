/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Places in turn; what can be read there is tried by reading it as what will use it does. */
#include "pods/pods_credentials.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "identity/kubernetes/cluster_access_parts.h"

/* kubeadm and most others; EKS, AKS and kops; k3s. Readable by root alone. */
static const char *const node_files[] = {
	"/etc/kubernetes/kubelet.conf",
	"/var/lib/kubelet/kubeconfig",
	"/etc/rancher/k3s/k3s.yaml",
};

static int take_file(const char *path, struct pods_credentials *ret, char *error)
{
	_cleanup_(cluster_access_done) struct cluster_access access = {};
	int err = cluster_access_of_kubeconfig(path, &access, error);

	if (err)
		return err;
	snprintf(ret->kubeconfig, sizeof(ret->kubeconfig), "%s", path);
	snprintf(ret->origin, sizeof(ret->origin), "the kubeconfig %s", path);
	return 0;
}

/*
 * $KUBECONFIG may be a list, of which kubectl makes one; here the first that exists counts. Who
 * set it meant one of them.
 */
static int take_environment(struct pods_credentials *ret, char *error)
{
	const char *set = getenv("KUBECONFIG") ?: "", *list = set;
	int err = -ENOENT;

	while (*list && err == -ENOENT) {
		size_t length = strcspn(list, ":");
		char path[PATH_MAX];

		if (length && length < sizeof(path)) {
			snprintf(path, sizeof(path), "%.*s", (int)length, list);
			err = take_file(path, ret, error);
		}
		list += length + (list[length] == ':');
	}
	if (err == -ENOENT && *set)
		return cluster_access_fail(error, -EINVAL,
					   "the variable KUBECONFIG names no file that is there: "
					   "%.300s; set it to a kubeconfig, or unset it",
					   set);
	return err;
}

static int take_service_account(struct pods_credentials *ret, char *error)
{
	_cleanup_(cluster_access_done) struct cluster_access access = {};
	int err = cluster_access_in_pod(NULL, &access, error);

	if (err)
		return err;
	ret->kubeconfig[0] = '\0';
	snprintf(ret->origin, sizeof(ret->origin), "the service account of this pod");
	return 0;
}

int pods_credentials_find(const char *root, struct pods_credentials *ret_credentials, char *error)
{
	char first[CLUSTER_ACCESS_ERROR_LEN] = "";
	int err = take_environment(ret_credentials, error), first_err = -ENOENT;

	if (err != -ENOENT)
		return err;
	for (size_t i = 0; i <= sizeof(node_files) / sizeof(*node_files); i++) {
		char path[PATH_MAX];

		if (i)
			snprintf(path, sizeof(path), "%s%s", root, node_files[i - 1]);
		err = i ? take_file(path, ret_credentials, error)
			: take_service_account(ret_credentials, error);
		if (!err)
			return 0;
		if (err == -ENOENT || *first)
			continue;
		snprintf(first, sizeof(first), "%s", error);
		first_err = err;
	}
	snprintf(error, CLUSTER_ACCESS_ERROR_LEN, "%s",
		 *first ? first
			: "there are no credentials for the cluster here: set the variable "
			  "KUBECONFIG, or kubernetes.kubeconfig in the agent's configuration; "
			  "`loopscope pods` takes --kubeconfig=FILE and --kubelet=URL too");
	return first_err;
}
