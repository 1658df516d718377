/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The admission as its own files see it. */
#ifndef LOOPSCOPE_ADMISSION_PARTS_H
#define LOOPSCOPE_ADMISSION_PARTS_H

#include "agent/admission.h"
#include "agent/places.h"
#include "identity/resource.h"

struct admission {
	const struct settings *settings;
	struct registry *registry;
	const struct pods *pods; /* NULL: nobody knows of any */
	struct identity_cache *identities;
	struct places *places;
	struct attributes host, agent;
	__u64 unresolved, containers_unresolved;
	bool told_unanswered;
	size_t nr_held; /* as of the last look, and those that came since */
};

/* What is known of a process's pod, and of which container in it. */
struct pod_finding {
	struct cgroup_containers containers;
	enum pod_knowledge knowledge;
	struct pod_place place;
};

/* Resources: admission_resource.c. */
int admission_describe_host(const struct admission *admission, struct attributes *ret_host);
int admission_describe_agent(struct admission *admission);
/* What it is, its pod included; on errors, too, the caller's to free. */
int admission_describe(const struct admission *admission, const struct process_key *key,
		       const char *comm, const struct process_identity *identity,
		       const struct pod_finding *finding, struct attributes *ret_attributes,
		       struct attributes *ret_said);
bool admission_is_settled(const struct process_key *key); /* it has told all it will of itself */
void admission_resource_options(const struct admission *admission,
				struct resource_options *ret_options);

/* Pods: admission_pods.c. */
void admission_find_pod(const struct admission *admission, const struct process_identity *identity,
			struct pod_finding *ret_finding);

/* Puts what is known of the pod into the set. -ENOMEM: unchanged. */
int admission_add_pod(const struct admission *admission, const struct pod_finding *finding,
		      const struct process_identity *identity, const struct attributes *said,
		      struct attributes *set);

/* Fills in the link of a process that is new; takes `said`. */
void admission_link_pod(struct admission *admission, const struct pod_finding *finding,
			struct attributes *said, __u64 now_ns, struct pod_link *link);

/* The same, for one that is there, and of whom this is known now. */
void admission_relink_pod(const struct admission *admission, const struct pod_finding *finding,
			  struct attributes *said, struct pod_link *link);

/* Whether more may be told of it yet, for which its figures wait. */
bool admission_waits(const struct admission *admission, const struct pod_finding *finding);

#endif
