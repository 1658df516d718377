/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Windows added up. All but lag is plain addition.
 *
 * Lag is known as time, and exported as counts of arrivals, one for each check
 * interval. Rounding each bucket by itself would lose, or invent, arrivals; so
 * the number of arrivals in all is rounded, and they go where most time has not
 * been counted yet. What a bucket got too much or too little is carried on.
 */
#include "model/totals.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define MAX_LAG_NS 1e18 /* of a window: thirty years. A report of more is not believed */
#define MAX_NAMED (TOTALS_NR_SYSCALLS - 1)

/* Which end of the order: the bucket with most time not counted, or that with least. */
enum extreme { MOST, LEAST };

static void histogram_add(struct totals_histogram *to, const struct distribution *distribution)
{
	to->count += distribution->count;
	to->sum += (double)distribution->sum;
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		to->buckets[i] += distribution->histogram.count[i];
}

/* The row of that number, made if need be; "other" stays the last one. */
static struct window_syscall *syscall_row(struct loop_totals *totals, int nr)
{
	unsigned int last = totals->nr_syscalls;
	bool has_other = last && totals->syscalls[last - 1].nr == RECORD_SYSCALL_OTHER;

	for (unsigned int i = 0; i < last; i++) {
		if (totals->syscalls[i].nr == nr)
			return &totals->syscalls[i];
	}
	if (nr != RECORD_SYSCALL_OTHER && last - has_other == MAX_NAMED)
		return syscall_row(totals, RECORD_SYSCALL_OTHER);
	totals->nr_syscalls++;
	if (has_other) {
		totals->syscalls[last] = totals->syscalls[last - 1];
		last--;
	}
	totals->syscalls[last] = (struct window_syscall){.nr = nr};
	return &totals->syscalls[last];
}

static void syscalls_add(struct loop_totals *totals, const struct loop_report *report)
{
	for (unsigned int i = 0; i < report->nr_syscalls; i++) {
		struct window_syscall *row = syscall_row(totals, report->syscalls[i].nr);

		row->count += report->syscalls[i].count;
		row->time_ns += report->syscalls[i].time_ns;
	}
}

/* The bucket at that end; for LEAST, of those only that were given arrivals. */
static int extreme_bucket(const struct lag_carry *carry, const __u64 given[HISTOGRAM_NR_BUCKETS],
			  enum extreme extreme)
{
	int found = -1;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
		if (extreme == LEAST && !given[i])
			continue;
		if (found < 0 || (extreme == MOST) == (carry->time_ns[i] > carry->time_ns[found]))
			found = i;
	}
	return found;
}

/*
 * Gives `nr` arrivals to the buckets, as if one by one to that with most time not counted: all
 * that fit whole at first, then those of the largest remainders. They may be too many, as long as
 * another bucket is below 0: then the least founded ones are taken back.
 */
static void give_arrivals(struct lag_carry *carry, __u64 nr, double interval_ns,
			  __u64 given[HISTOGRAM_NR_BUCKETS])
{
	__u64 nr_given = 0;
	int i;

	for (i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
		if (carry->time_ns[i] >= interval_ns)
			given[i] = (__u64)(carry->time_ns[i] / interval_ns);
		carry->time_ns[i] -= (double)given[i] * interval_ns;
		nr_given += given[i];
	}
	for (; nr_given < nr; nr_given++) {
		i = extreme_bucket(carry, given, MOST);
		given[i]++;
		carry->time_ns[i] -= interval_ns;
	}
	for (; nr_given > nr; nr_given--) {
		i = extreme_bucket(carry, given, LEAST);
		given[i]--;
		carry->time_ns[i] += interval_ns;
	}
}

static void lag_add_counts(struct totals_histogram *to, struct lag_carry *carry,
			   const struct lag *lag, double interval_ns)
{
	__u64 given[HISTOGRAM_NR_BUCKETS] = {0}, nr;
	double time_ns = 0;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
		carry->time_ns[i] += lag->time_ns[i];
		time_ns += carry->time_ns[i];
	}
	/* times are whole nanoseconds in all: half a one is for what adding doubles loses */
	nr = time_ns > 0 ? (__u64)((time_ns + 0.5) / interval_ns) : 0;
	give_arrivals(carry, nr, interval_ns, given);
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		to->buckets[i] += given[i];
	to->count += nr;
}

/* Of an interval of length B, arrivals wait B/2 on average; in poll, a wake delay. */
static double lag_sum_ns(const struct loop_report *report, double interval_ns)
{
	double wake_ns = 0;

	if (report->wake.count)
		wake_ns = (double)report->wake.sum / (double)report->wake.count;
	return (report->busy_square_ns2 / 2 + (double)report->poll_ns * wake_ns) / interval_ns;
}

void totals_add_report(struct loop_totals *totals, struct lag_carry *carry,
		       const struct loop_report *report, double check_interval_ns)
{
	totals->poll_ns += report->poll_ns;
	for (int i = 0; i < NR_CAUSES; i++) {
		totals->cause_ns[i] += report->cause_ns[i];
		totals->stalls[i] += report->stalls_ended[i];
	}
	totals->iterations += report->iterations;
	totals->events += report->events;
	totals->wake_runqueue_ns += report->wake_runqueue_ns;
	totals->wake_quota_ns += report->wake_quota_ns;
	histogram_add(&totals->busy, &report->busy);
	histogram_add(&totals->wake, &report->wake);
	histogram_add(&totals->batch, &report->batch);
	syscalls_add(totals, report);
	if (!(report->lag.total_ns < MAX_LAG_NS))
		return;
	lag_add_counts(&totals->lag, carry, &report->lag, check_interval_ns);
	totals->lag.sum += lag_sum_ns(report, check_interval_ns);
}

static void histogram_add_difference(struct totals_histogram *to, const struct totals_histogram *of,
				     const struct totals_histogram *since)
{
	to->count += of->count - since->count;
	to->sum += of->sum - since->sum;
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		to->buckets[i] += of->buckets[i] - since->buckets[i];
}

static void plain_add_difference(struct loop_totals *to, const struct loop_totals *of,
				 const struct loop_totals *since)
{
	to->iterations += of->iterations - since->iterations;
	to->events += of->events - since->events;
	histogram_add_difference(&to->lag, &of->lag, &since->lag);
	histogram_add_difference(&to->busy, &of->busy, &since->busy);
	histogram_add_difference(&to->wake, &of->wake, &since->wake);
	histogram_add_difference(&to->batch, &of->batch, &since->batch);
}

static const struct window_syscall *syscall_find(const struct loop_totals *totals, int nr)
{
	static const struct window_syscall none = {0};

	for (unsigned int i = 0; i < totals->nr_syscalls; i++) {
		if (totals->syscalls[i].nr == nr)
			return &totals->syscalls[i];
	}
	return &none;
}

static void syscalls_add_difference(struct loop_totals *to, const struct loop_totals *of,
				    const struct loop_totals *since)
{
	for (unsigned int i = 0; i < of->nr_syscalls; i++) {
		const struct window_syscall *now = &of->syscalls[i];
		const struct window_syscall *before = syscall_find(since, now->nr);
		struct window_syscall *row;

		if (now->count == before->count && now->time_ns == before->time_ns)
			continue;
		row = syscall_row(to, now->nr);
		row->count += now->count - before->count;
		row->time_ns += now->time_ns - before->time_ns;
	}
}

void totals_add_difference(struct loop_totals *to, const struct loop_totals *of,
			   const struct loop_totals *since, unsigned int groups)
{
	static const struct loop_totals nothing = {0};

	if (!since)
		since = &nothing;
	if (groups & TOTALS_PLAIN)
		plain_add_difference(to, of, since);
	if (groups & TOTALS_TIME)
		to->poll_ns += of->poll_ns - since->poll_ns;
	for (int i = 0; i < NR_CAUSES; i++) {
		if (groups & TOTALS_TIME)
			to->cause_ns[i] += of->cause_ns[i] - since->cause_ns[i];
		if (groups & TOTALS_STALLS)
			to->stalls[i] += of->stalls[i] - since->stalls[i];
	}
	if (groups & TOTALS_SYSCALLS)
		syscalls_add_difference(to, of, since);
	if (groups & TOTALS_WAKE) {
		to->wake_runqueue_ns += of->wake_runqueue_ns - since->wake_runqueue_ns;
		to->wake_quota_ns += of->wake_quota_ns - since->wake_quota_ns;
	}
}
