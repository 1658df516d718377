/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Owners of owners by the names that Kubernetes' controllers make. */
#include "identity/kubernetes/pod_owners.h"

#include <string.h>

#define LABEL_TEMPLATE_HASH "pod-template-hash"
#define DIGITS "0123456789"

/*
 * What a CronJob's controller puts behind its name: minutes since 1970, as they were since 2015.
 * A date that a person has put there, 20260131, is none of these.
 */
#define FIRST_MINUTE 23667840
#define NR_DIGITS_OF_MINUTE 8

static void copy_name(char to[POD_NAME_LEN], const char *name, size_t length)
{
	snprintf(to, POD_NAME_LEN, "%.*s", (int)length, name);
}

static void name_deployment(const struct pod *pod, char ret_name[POD_NAME_LEN])
{
	const char *hash = pod_label(pod, LABEL_TEMPLATE_HASH);
	const char *dash = strrchr(pod->owner_name, '-');

	if (hash && *hash && dash && strcmp(dash + 1, hash) == 0)
		copy_name(ret_name, pod->owner_name, dash - pod->owner_name);
}

static void name_cronjob(const struct pod *pod, char ret_name[POD_NAME_LEN])
{
	const char *dash = strrchr(pod->owner_name, '-');
	const char *minute = dash ? dash + 1 : "";

	if (strspn(minute, DIGITS) == NR_DIGITS_OF_MINUTE && !minute[NR_DIGITS_OF_MINUTE] &&
	    atol(minute) >= FIRST_MINUTE)
		copy_name(ret_name, pod->owner_name, dash - pod->owner_name);
}

void pod_owners_of(const struct pod *pod, struct pod_owners *ret_owners)
{
	struct pod_owners owners = {};
	const struct {
		const char *kind;
		char *name;
	} kinds[] = {
		{"ReplicaSet", owners.replicaset},
		{"StatefulSet", owners.statefulset},
		{"DaemonSet", owners.daemonset},
		{"Job", owners.job},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(pod->owner_kind, kinds[i].kind) == 0)
			copy_name(kinds[i].name, pod->owner_name, strlen(pod->owner_name));
	}
	if (*owners.replicaset)
		name_deployment(pod, owners.deployment);
	if (*owners.job)
		name_cronjob(pod, owners.cronjob);
	*ret_owners = owners;
}
