/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which program types this kernel takes, found by loading the smallest program
 * of each, and so which programs serve each vantage point.
 */
#ifndef LOOPSCOPE_HOOKS_H
#define LOOPSCOPE_HOOKS_H

#include <stdbool.h>

#include "observe/observer.h"
#include "wait_calls.h"

enum edges {
	EDGES_FENTRY,     /* the system calls' own functions */
	EDGES_TP_BTF,     /* the raw system call tracepoints */
	EDGES_TRACEPOINT, /* each call's own tracepoints */
	NR_EDGES,
};

struct hooks {
	enum edges edges;
	bool has_wait_call[NR_WAIT_CALLS]; /* this kernel has what `edges` watches it by */
	bool queues_per_cpu;               /* a cgroup's run queues are per-CPU data (7.x) */
	bool usage;                        /* of processes is asked for, too */
	bool stalls;                       /* as they are */
	int64_t preempt_count_at;          /* see preempt_count.h */
	int no_ticks;     /* why perf events cannot be opened, -errno; 0: they can */
	bool roster_walk; /* bpf_task_from_pid: a walk visits loops only */
	size_t nr_points;
	struct observer_hook points[OBSERVER_MAX_HOOKS];
};

extern const char *const edges_names[NR_EDGES];

/*
 * Fills in *ret_hooks with the best that loads, or with the edges forced.
 * -EINVAL: no such edges; -EPERM: a privilege is missing; -EOPNOTSUPP: this kernel
 * cannot be watched. `error` says what to do; points tell as far as it came.
 */
int hooks_choose(const char *forced_edges, struct hooks *ret_hooks, char *error);

/* They were chosen, but cannot be had. */
void hooks_without_ticks(struct hooks *hooks, int err);

#endif
