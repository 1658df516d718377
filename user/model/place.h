/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Place records: where a new loop is. Hostile as all records are until decoded. */
#ifndef LOOPSCOPE_MODEL_PLACE_H
#define LOOPSCOPE_MODEL_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

#define PLACE_PATH_LEN (PLACE_MAX_NAMES_OF_ONE + 2)

struct place {
	struct loop_id id;
	__u64 cgroup_id;
	__u32 own_pid; /* in the process's own pid namespace */
	/* Paths as /proc/PID/cgroup has them. "/" is the root; "": no such hierarchy. */
	char unified[PLACE_PATH_LEN];
	char v1[PLACE_PATH_LEN];
	/* So deep or long that the outermost names may be missing: what is left tells nothing,
	 * since who may make cgroups below its own names them as it likes. */
	bool unified_cut, v1_cut;
};

/* -EBADMSG: it is no place record, or one that contradicts itself. */
int place_decode(const void *record, size_t size, struct place *ret_place);

#endif
