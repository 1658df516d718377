/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Place records: where a new loop is. Hostile as all records are until decoded. */
#ifndef LOOPSCOPE_MODEL_PLACE_H
#define LOOPSCOPE_MODEL_PLACE_H

#include <stddef.h>

#include "record.h"

#define PLACE_PATH_LEN (PLACE_MAX_NAMES_SIZE / 2 + 2)

struct place {
	struct loop_id id;
	__u64 cgroup_id;
	__u32 own_pid; /* in the process's own pid namespace */
	/* Paths as /proc/PID/cgroup has them, whole but where more than 24 deep or some 500 bytes
	 * long: then the outermost names are missing. "/" is the root; "": no such hierarchy. */
	char unified[PLACE_PATH_LEN];
	char v1[PLACE_PATH_LEN];
};

/* -EBADMSG: it is no place record, or one that contradicts itself. */
int place_decode(const void *record, size_t size, struct place *ret_place);

#endif
