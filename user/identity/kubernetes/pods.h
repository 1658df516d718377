/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pods of this node, by uid and by container. One that was deleted is kept for a grace
 * period, since what ran in it is told of later. Bounded: beyond max_pods the ones
 * deleted longest ago go first, and others are not taken, counted. Pure: told the time.
 */
#ifndef LOOPSCOPE_PODS_H
#define LOOPSCOPE_PODS_H

#include <linux/types.h>

#include "base/cleanup.h"
#include "identity/kubernetes/pod.h"

struct pods;

#define PODS_MAX_BYTES (64UL * 1024 * 1024) /* for max_bytes, where none is asked for */

struct pods_options {
	size_t max_pods;  /* those deleted included */
	size_t max_bytes; /* of memory, about */
	__u64 grace_ns;   /* for which a deleted one is kept */
	/* The pod is new, or not what it was: pod->uid and pod->config_hash tell of whom. May be
	 * NULL. It must not change the store. */
	void (*changed)(const struct pod *pod, void *context);
	/* It has been deleted; should it come back, `changed` says so. Likewise. */
	void (*deleted)(const struct pod *pod, void *context);
	void *context;
};

struct pods_counts {
	size_t pods; /* that have not been deleted */
	size_t kept; /* deleted, in their grace period */
	size_t bytes;
	__u64 refused; /* for want of room, ever */
};

int pods_new(const struct pods_options *options, struct pods **ret_pods);
void pods_free(struct pods *pods);
DEFINE_CLEANUP(struct pods *, pods_free)

/* Takes the pod, even on errors. -ENOMEM, -E2BIG. */
int pods_put(struct pods *pods, struct pod *pod, __u64 now_ns);

/* It is gone from the API; unknown ones are fine. */
void pods_delete(struct pods *pods, const char *uid, __u64 now_ns);

/* A new list: between the two, pods_put marks; what was not put is deleted at the end. */
void pods_begin_list(struct pods *pods);
void pods_end_list(struct pods *pods, __u64 now_ns);

/* Frees those whose grace has ended. */
void pods_expire(struct pods *pods, __u64 now_ns);

/* By uid or, of a static pod, by the hash that its cgroup has. NULL: not known. */
const struct pod *pods_of_uid(const struct pods *pods, const char *uid);

/* By the id of one of its containers: where the cgroup does not name the pod. */
const struct pod *pods_of_container(const struct pods *pods, const char *container_id);

/* One call a pod that has not been deleted. */
void pods_each(const struct pods *pods, void (*visit)(const struct pod *pod, void *context),
	       void *context);

void pods_counts(const struct pods *pods, struct pods_counts *ret_counts);

/* What is known of the container that a process is in. */
enum pod_knowledge {
	POD_NOT_IN_ONE,        /* in no pod, as far as its cgroup tells */
	POD_UNKNOWN,           /* in a pod that is not known (yet) */
	POD_CONTAINER_UNKNOWN, /* the pod is known, but not which of its containers it is (yet) */
	POD_KNOWN,
};

struct pod_place {
	const struct pod *pod;                 /* NULL: not known; valid until the store changes */
	const struct pod_container *container; /* NULL: not known */
	const struct cgroup_container *where;  /* which of the containers it was told by */
	long long restart_count;
};

/*
 * Looks at each of the containers, the outermost first. Which one it is in its pod is known
 * once the API tells its id.
 */
enum pod_knowledge pods_place(const struct pods *pods, const struct cgroup_containers *containers,
			      struct pod_place *ret_place);

#endif
