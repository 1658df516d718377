/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loops of two recordings, made up to be compared. */
#ifndef LOOPSCOPE_TESTS_COMPARE_SIDES_H
#define LOOPSCOPE_TESTS_COMPARE_SIDES_H

#include "view/compare.h"

#define MAX_LOOPS 8

/* Loops of one side. */
struct side {
	struct loop_report reports[MAX_LOOPS];
	struct loop_entry entries[MAX_LOOPS];
	const struct loop_entry *pointers[MAX_LOOPS];
	size_t nr;
};

/* A thousand iterations of 1 ms each, in 10 s. What it returns may be changed. */
struct loop_report *side_add(struct side *side, const char *process, const char *thread);

/* The same of an "app", of such a thread. */
struct loop_report *side_add_thread(struct side *side, __u32 pid, __u32 tid, __u64 start_ns,
				    __u64 process_start_ns);

/* For comparison_done. */
struct comparison compare_sides_of(const struct side *before, const struct side *after,
				   bool same_boot);
struct comparison compare_sides(const struct side *before, const struct side *after);

#endif
