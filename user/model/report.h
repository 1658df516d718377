/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One loop over one window: what the model hands to every view and exporter.
 *
 * Times are nanoseconds; quantiles are doubles, NaN where the count is 0.
 * A report owns no memory: it may be copied freely.
 */
#ifndef LOOPSCOPE_REPORT_H
#define LOOPSCOPE_REPORT_H

#include <linux/types.h>
#include <stdbool.h>

#include "record.h"

#define REPORT_NR_SYSCALLS 17 /* the top 16, then the rest as RECORD_SYSCALL_OTHER */

struct histogram {
	__u64 count[HISTOGRAM_NR_BUCKETS];
	__u64 sum[HISTOGRAM_NR_BUCKETS]; /* ns, or events */
};

/* A histogram and what is read off it; in ns, or events. */
struct distribution {
	struct histogram histogram;
	__u64 count;
	__u64 sum;
	double p50, p95, p99, max;
};

/*
 * Lag: what an event arriving at an arbitrary instant of the window waits. Its
 * weights are time, not counts: time_ns[i] is how long an arrival would have
 * waited an amount in bucket i; they sum to the weights' total, which may pass
 * the window's length when an interval began before it.
 */
struct lag {
	double time_ns[HISTOGRAM_NR_BUCKETS];
	double total_ns;
	double p50, p95, p99, max; /* ns */
};

enum report_state {
	REPORT_POLL,
	REPORT_BUSY,
	REPORT_UNSEEN, /* owns an eventpoll, has not waited since attach */
	REPORT_ENDED,  /* exited or replaced by exec within the window */
};

struct loop_report {
	struct loop_id id;
	__u64 process_start_ns; /* CLOCK_BOOTTIME; 0 if not known */
	__u64 cgroup_id;
	char thread[RECORD_COMM_LEN];
	char process[RECORD_COMM_LEN];
	enum wait_family family;
	bool parks; /* a futex that it parks on when idle counts as poll: see WINDOW_PARKS */
	enum report_state state;
	enum cause where;      /* for REPORT_BUSY and REPORT_UNSEEN: what it is doing now */
	int where_syscall;     /* its number where `where` is syscall or lock; else -1 */
	__u64 current_busy_ns; /* 0 unless busy; for unseen, the least it can be */

	__u64 first_seen_ns; /* CLOCK_MONOTONIC; may be before the window */
	__u64 window_ns;     /* = poll_ns + the sum of cause_ns */
	__u64 poll_ns;
	__u64 cause_ns[NR_CAUSES];
	double utilization; /* 0 .. 1; NaN if window_ns is 0 */

	__u64 iterations;
	__u64 events;
	__u64 stalls; /* busy intervals that crossed the threshold in the window */
	__u64 stalls_ended
		[NR_CAUSES];    /* those that ended in it, by what most of their time went on */
	__u64 blocking_ns;      /* that threshold */
	double busy_square_ns2; /* sum of squares of the busy intervals that ended in the window */

	struct distribution busy; /* intervals that ended in the window and, unless it is left
				   * out, the open one: so `lag` too */
	struct distribution poll; /* ended ones */
	struct distribution wake;
	struct distribution batch; /* events an iteration */
	struct lag lag;

	__u64 wake_runqueue_ns;
	__u64 wake_quota_ns;

	unsigned int nr_syscalls;
	struct window_syscall syscalls[REPORT_NR_SYSCALLS]; /* most time first */
};

#endif
