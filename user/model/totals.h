/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop's totals since it was first seen: what cumulative metrics are made of.
 * Reports of consecutive windows are added up; only intervals that have ended
 * count. Every figure here only grows. Pure.
 */
#ifndef LOOPSCOPE_TOTALS_H
#define LOOPSCOPE_TOTALS_H

#include "model/report.h"

#define TOTALS_NR_SYSCALLS \
	33 /* RECORD_NR_SYSCALLS by name, RECORD_SYSCALL_OTHER among them, last */

/* Buckets as in include/histogram.h; the sum in ns, or events. */
struct totals_histogram {
	__u64 count; /* of all buckets */
	double sum;
	__u64 buckets[HISTOGRAM_NR_BUCKETS];
};

struct loop_totals {
	__u64 poll_ns;
	__u64 cause_ns[NR_CAUSES]; /* with poll_ns: wall time since first seen */
	__u64 iterations;
	__u64 events;
	__u64 stalls[NR_CAUSES]; /* ended ones, by dominant cause */
	__u64 wake_runqueue_ns;
	__u64 wake_quota_ns;
	struct totals_histogram lag; /* one arrival for each check interval; ns */
	struct totals_histogram busy;
	struct totals_histogram wake;
	struct totals_histogram batch; /* events an iteration */
	unsigned int nr_syscalls;
	struct window_syscall syscalls[TOTALS_NR_SYSCALLS]; /* in order of first appearance */
};

/* What it takes to make counts of lag's times. */
struct lag_carry {
	double time_ns[HISTOGRAM_NR_BUCKETS]; /* of arrivals not yet counted; may be below 0 */
};

/* Which figures totals_add_some adds: for series that have overflown. */
enum totals_group {
	TOTALS_PLAIN = 1,    /* one series a loop: counters, histograms */
	TOTALS_TIME = 2,     /* poll_ns, cause_ns */
	TOTALS_STALLS = 4,   /* stalls */
	TOTALS_SYSCALLS = 8, /* syscalls */
	TOTALS_WAKE = 16,    /* wake_runqueue_ns, wake_quota_ns */
	TOTALS_ALL = 31,
};

/*
 * Adds a window that model_report_ended gave. check_interval_ns is what an arrival stands for:
 * the number of arrivals in all is the time in all, over that, rounded down, whatever the windows.
 */
void totals_add_report(struct loop_totals *totals, struct lag_carry *carry,
		       const struct loop_report *report, double check_interval_ns);

/* to += of - since (since NULL: all of `of`), the groups named only. */
void totals_add_difference(struct loop_totals *to, const struct loop_totals *of,
			   const struct loop_totals *since, unsigned int groups);

#endif
