/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The memory mappings of a process, as /proc/PID/maps lists them. */
#ifndef LOOPSCOPE_MAPPINGS_H
#define LOOPSCOPE_MAPPINGS_H

#include <linux/types.h>
#include <stdbool.h>
#include <sys/types.h>

#define MAPPINGS_MAX_BYTES 8388608 /* of the list: some 100,000 mappings */

struct mapping {
	__u64 start, end;
	__u64 offset; /* of start, in the file */
	dev_t device;
	__u64 inode; /* 0: no file */
	bool executable;
	const char *name; /* a path, "[heap]", ..., or ""; valid during the visit */
};

/* Not 0: the walk is over, and returns that. */
typedef int mapping_visit(const struct mapping *mapping, void *context);

/* Calls `visit` for each in order of address. 0 at the end, what visit returned, or -errno. */
int mappings_walk(int directory, mapping_visit *visit, void *context);

/* A line of maps, without its newline. False if it is none. */
bool mapping_parse(const char *line, struct mapping *ret_mapping);

#endif
