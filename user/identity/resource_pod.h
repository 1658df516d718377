/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What Kubernetes tells of a process, into its resource. */
#ifndef LOOPSCOPE_RESOURCE_POD_H
#define LOOPSCOPE_RESOURCE_POD_H

#include "identity/resource.h"

/*
 * `pod` holds what pod_attributes_put gave; empty: the process is in no pod, or in one not known.
 *
 * Which pod and container it is stands above what the process has said of itself (`said`): k8s.*
 * and container.* of `pod` are put, and of `said` no other k8s.* is believed. What labels,
 * annotations and owners make of the service stands below what it has said.
 *
 * own_pid is the process's in its own pid namespace, 0 if not known. The conventions name an
 * instance after its container: the container's first process, number 1, has that
 * name, others their number behind it, since no two processes may share one. -ENOMEM: unchanged.
 */
int resource_add_pod(struct attributes *set, const struct attributes *said,
		     const struct attributes *pod, __u32 own_pid,
		     const struct resource_options *options);

#endif
