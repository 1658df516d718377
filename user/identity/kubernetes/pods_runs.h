/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Runs of containers by their ids. A status names the latest run and the one before; a crash loop
 * has more of them than we see statuses, and what is known of one ended long ago is still told.
 * So each pod keeps the ids that it has had, bounded. Private to the store of pods.
 */
#ifndef LOOPSCOPE_PODS_RUNS_H
#define LOOPSCOPE_PODS_RUNS_H

#ifndef HASH_NONFATAL_OOM
#define HASH_NONFATAL_OOM 1 /* an item not added has no table */
#endif
#include <uthash.h>

#include "identity/kubernetes/pod.h"

#define PODS_MAX_RUNS 16 /* of one container: the oldest are forgotten */

struct pod_run {
	char id[CONTAINER_ID_LEN];             /* the key */
	const struct pod *pod;                 /* as it is now */
	const struct pod_container *container; /* of that pod */
	long long restart_count;
	struct pod_runs *owner;
	struct pod_run *prev, *next; /* of the same pod, the oldest first */
	UT_hash_handle hh;
};

/* Those of one pod; all zero is none. */
struct pod_runs {
	struct pod_run *oldest;
	size_t nr;
};

/*
 * The pod is this now: its runs are of its containers, and those it tells of are added. An id that
 * another pod had is this one's from here on. -ENOMEM: not all were added.
 */
int pod_runs_update(struct pod_run **index, struct pod_runs *runs, const struct pod *pod);

void pod_runs_clear(struct pod_run **index, struct pod_runs *runs);

#endif
