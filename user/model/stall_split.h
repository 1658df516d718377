/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stall's time by cause and stack. How much each cause took is known exactly; stacks say what the
 * loop was at when they were taken. So the time of a cause goes to the stacks that were taken in
 * it, by their weights; a wait for a CPU is of the code that was running, so that cpu, runqueue and
 * cpu_quota share their stacks. Time of a cause in which no stack was taken goes to all of them.
 */
#ifndef LOOPSCOPE_STALL_SPLIT_H
#define LOOPSCOPE_STALL_SPLIT_H

#include "model/stalls.h"

/* Some of the stall's time; stack is NULL if it has none. */
struct stall_part {
	const struct stack *stack;
	enum cause cause;
	bool guessed;  /* no stack was taken in this cause */
	__u64 time_ns; /* not 0 */
};

/* All parts, which sum to the stall's duration. A non-zero return ends it, and is returned. */
typedef int (*stall_part_fn)(const struct stall_part *part, void *context);
int stall_split(const struct stall *stall, stall_part_fn callback, void *context);

#endif
