/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every encoder takes: a loop over a window with who it is, and what
 * loopscope has to say about itself. Neither owns what it points to.
 */
#ifndef LOOPSCOPE_SNAPSHOT_H
#define LOOPSCOPE_SNAPSHOT_H

#include "base/syscall_name.h"
#include "model/report.h"

struct stall; /* model/stalls.h */

#define SUMMARY_MAX_HOOKS 8

/* The container that a loop is in, and the pod that it belongs to; "" where not known. */
struct entry_container {
	char id[65];
	char name[254]; /* in the pod; of one in no pod, its own */
	char pod[254];
	char namespace[254];
};

struct loop_entry {
	const struct loop_report *report;
	const char *runtime;                     /* NULL: unknown, as those below */
	const char *cgroup;                      /* path; "" if unknown */
	const struct entry_container *container; /* NULL: in none */
	const struct syscall_names *syscalls;    /* NULL: this machine's */
	const char *runtime_version;
	const char *loop_library; /* what its loop is made of: "uvloop", "libuv", ... */
	const char *loop_library_version;
	const char *no_loop;       /* why it is none, though it waits for events; NULL: it is one */
	const struct stall *stall; /* that goes on, with stacks; NULL: none, or they are not kept */
};

struct summary_hook {
	const char *point;   /* vantage point, static */
	const char *program; /* what serves it, static; NULL: nothing */
};

struct summary {
	__u64 loops;
	__u64 records_lost;
	__u64 loops_lost;
	__u64 torn;
	__u64 misses; /* edges, switches and wakings not seen, programs that did not run */
	__u64 compat_skipped;
	__u64 stalls_held, stacks_held; /* by ceilings: the former are counted and timed alone */
	bool labels_stale;              /* those of pods are as they were some time ago */
	unsigned int nr_hooks;
	struct summary_hook hooks[SUMMARY_MAX_HOOKS];
};

#endif
