/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The chain of owners of a pod, told from what the pod itself carries, so that no other object has
 * to be read: a ReplicaSet that a Deployment made is named after it and the pod's label
 * pod-template-hash; a Job that a CronJob made ends in the minute it was due, in digits. What
 * people have named themselves (kubectl create job --from) cannot be told.
 */
#ifndef LOOPSCOPE_POD_OWNERS_H
#define LOOPSCOPE_POD_OWNERS_H

#include "identity/kubernetes/pod.h"

/* Names, "" where there is none. */
struct pod_owners {
	char deployment[POD_NAME_LEN];
	char replicaset[POD_NAME_LEN];
	char statefulset[POD_NAME_LEN];
	char daemonset[POD_NAME_LEN];
	char job[POD_NAME_LEN];
	char cronjob[POD_NAME_LEN];
};

void pod_owners_of(const struct pod *pod, struct pod_owners *ret_owners);

#endif
