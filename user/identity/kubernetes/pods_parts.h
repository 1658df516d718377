/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The store of pods from within: what pods.c keeps and pods_find.c looks things up in. */
#ifndef LOOPSCOPE_PODS_PARTS_H
#define LOOPSCOPE_PODS_PARTS_H

#include "identity/kubernetes/pods.h"
#include "identity/kubernetes/pods_runs.h"

struct pods_entry {
	char uid[POD_UID_LEN];         /* the key */
	char config_hash[POD_UID_LEN]; /* "": none */
	struct pod *pod;
	struct pod_runs runs;
	size_t nr_bytes;
	__u64 list; /* the last one that it was put in */
	bool deleted;
	__u64 deleted_ns;
	struct pods_entry *prev, *next; /* of those deleted, the first of them first */
	UT_hash_handle hh;
	UT_hash_handle by_hash; /* of the one that its hash stands for */
};

struct pods {
	struct pods_options options;
	struct pods_entry *entries;
	struct pods_entry *hashes; /* static pods by hash: one of those that have it, a live one
				    * if there is one */
	struct pod_run *runs;
	struct pods_entry *deleted;
	size_t nr_deleted;
	size_t nr_bytes;
	__u64 nr_refused;
	__u64 list; /* number of the latest */
};

#endif
