/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "report_problem.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define ROUNDING 1e-9 /* of doubles, relative */

static bool ordered(double a, double b)
{
	return a <= b * (1 + ROUNDING);
}

static bool quantiles_sound(bool any, double p50, double p95, double p99, double max)
{
	if (!any)
		return isnan(p50) && isnan(p95) && isnan(p99) && isnan(max);
	return p50 >= 0 && ordered(p50, p95) && ordered(p95, p99) && ordered(p99, max) &&
	       isfinite(max);
}

static const char *time_problem(const struct loop_report *report)
{
	__u64 busy_ns = 0;

	for (int i = 0; i < NR_CAUSES; i++)
		busy_ns += report->cause_ns[i];
	if (report->poll_ns + busy_ns != report->window_ns)
		return "poll and causes do not sum to the window";
	if (!report->window_ns)
		return isnan(report->utilization) ? NULL : "utilization of an empty window";
	if (!(fabs(report->utilization - (double)busy_ns / report->window_ns) <= ROUNDING))
		return "utilization is not busy time over the window";
	return NULL;
}

static const char *distribution_problem(const struct distribution *distribution)
{
	__u64 count = 0, sum = 0;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
		count += distribution->histogram.count[i];
		sum += distribution->histogram.sum[i];
	}
	if (count != distribution->count || sum != distribution->sum)
		return "a histogram does not sum to its totals";
	if (!quantiles_sound(count, distribution->p50, distribution->p95, distribution->p99,
			     distribution->max))
		return "quantiles of a histogram out of order";
	return NULL;
}

static const char *lag_problem(const struct lag *lag)
{
	double total = 0;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
		if (!(lag->time_ns[i] >= 0) || !isfinite(lag->time_ns[i]))
			return "a weight of lag is no time";
		total += lag->time_ns[i];
	}
	if (!(fabs(total - lag->total_ns) <= ROUNDING * total))
		return "weights of lag do not sum to their total";
	if (!quantiles_sound(total > 0, lag->p50, lag->p95, lag->p99, lag->max))
		return "quantiles of lag out of order";
	return NULL;
}

static const char *syscall_problem(const struct loop_report *report)
{
	__u64 time_ns = 0;

	if (report->nr_syscalls > REPORT_NR_SYSCALLS)
		return "too many system calls";
	for (unsigned int i = 0; i < report->nr_syscalls; i++) {
		const struct window_syscall *syscall = &report->syscalls[i];
		bool last = i + 1 == report->nr_syscalls;

		time_ns += syscall->time_ns;
		if (syscall->nr == RECORD_SYSCALL_OTHER && !last)
			return "the other system calls are not last";
		if (!last && syscall[1].nr != RECORD_SYSCALL_OTHER &&
		    syscall->time_ns < syscall[1].time_ns)
			return "system calls out of order";
	}
	if (time_ns != report->cause_ns[CAUSE_SYSCALL] + report->cause_ns[CAUSE_LOCK])
		return "system calls do not sum to their causes";
	return NULL;
}

static const char *state_problem(const struct loop_report *report)
{
	if (report->state > REPORT_ENDED || report->where >= NR_CAUSES)
		return "no such state or cause";
	if (report->state != REPORT_BUSY &&
	    (report->current_busy_ns || report->where_syscall != -1))
		return "busy while not busy";
	if (!memchr(report->thread, '\0', sizeof(report->thread)) ||
	    !memchr(report->process, '\0', sizeof(report->process)))
		return "a name without an end";
	return NULL;
}

const char *report_problem(const struct loop_report *report)
{
	const char *problems[] = {
		time_problem(report),
		state_problem(report),
		distribution_problem(&report->busy),
		distribution_problem(&report->poll),
		distribution_problem(&report->wake),
		distribution_problem(&report->batch),
		lag_problem(&report->lag),
		syscall_problem(report),
	};

	for (unsigned int i = 0; i < sizeof(problems) / sizeof(problems[0]); i++) {
		if (problems[i])
			return problems[i];
	}
	return NULL;
}
