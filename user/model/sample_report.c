/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The report of a loop over a window: the difference of the samples at its two
 * ends, and what is derived from it.
 *
 * Times are clipped to the window. Intervals are not: one that ends in the
 * window counts there at its full length, and so does the open one.
 */
#include <math.h>
#include <string.h>

#include "model/lag.h"
#include "model/sample.h"

#define SQUARE_UNIT_NS 1024.0 /* of loop_window.busy_square_sum */

static __u64 beyond(__u64 now, __u64 since)
{
	return now > since ? now - since : 0;
}

static struct bucket_list buckets_of(const struct sample *sample)
{
	const struct sample_tail *tail = sample->tail;

	if (!tail)
		return (struct bucket_list){0};
	return (struct bucket_list){
		.buckets = (const void *)(tail->syscalls + tail->nr_syscalls),
		.nr = tail->nr_buckets,
	};
}

/* The open busy interval's age; 0 in a poll interval. */
static __u64 busy_age(const struct sample *sample)
{
	const struct loop_window *window = &sample->window;

	if (window->state != LOOP_BUSY)
		return 0;
	return window->header.time_ns - window->interval_start_ns;
}

/* Busy intervals that had crossed the threshold by then. */
static __u64 stalls_at(const struct sample *sample)
{
	const struct loop_window *window = &sample->window;
	__u64 stalls = window->state == LOOP_BUSY && busy_age(sample) >= window->blocking_ns;

	for (int i = 0; i < NR_CAUSES; i++)
		stalls += window->stalls[i];
	return stalls;
}

static void report_identity(const struct loop_window *window, struct loop_report *report)
{
	report->id = window->id;
	report->process_start_ns = window->process_start_ns;
	report->cgroup_id = window->cgroup_id;
	memcpy(report->thread, window->thread, sizeof(report->thread));
	memcpy(report->process, window->process, sizeof(report->process));
	report->family = window->family;
	report->parks = window->flags & WINDOW_PARKS;
	report->first_seen_ns = window->first_seen_ns;
}

static void report_state(const struct sample *now, struct loop_report *report)
{
	const struct loop_window *window = &now->window;

	report->where_syscall = -1;
	if (window->header.kind == RECORD_LOOP_GONE) {
		report->state = REPORT_ENDED;
	} else if (window->state == LOOP_BUSY) {
		report->state = REPORT_BUSY;
		report->where = window->cause;
		if (window->cause == CAUSE_SYSCALL || window->cause == CAUSE_LOCK)
			report->where_syscall = window->syscall_nr;
		report->current_busy_ns = busy_age(now);
	} else {
		report->state = REPORT_POLL;
	}
}

static void report_time(const struct loop_window *since, const struct loop_window *now,
			struct loop_report *report)
{
	__u64 busy_ns = 0;

	report->poll_ns = now->poll_ns - since->poll_ns;
	for (int i = 0; i < NR_CAUSES; i++) {
		report->cause_ns[i] = now->cause_ns[i] - since->cause_ns[i];
		busy_ns += report->cause_ns[i];
	}
	report->window_ns = report->poll_ns + busy_ns;
	report->utilization = report->window_ns ? (double)busy_ns / (double)report->window_ns : NAN;
	report->wake_runqueue_ns = now->wake_runqueue_ns - since->wake_runqueue_ns;
	report->wake_quota_ns = now->wake_quota_ns - since->wake_quota_ns;
}

static void report_stalls(const struct sample *since, const struct sample *now,
			  struct loop_report *report)
{
	const struct loop_window *window = &now->window;

	report->blocking_ns = window->blocking_ns;
	report->stalls = beyond(stalls_at(now), stalls_at(since));
	for (int i = 0; i < NR_CAUSES; i++)
		report->stalls_ended[i] = beyond(window->stalls[i], since->window.stalls[i]);
}

static void report_distributions(const struct sample *since, const struct sample *now,
				 const struct sample_maxima *maxima, enum report_open open,
				 struct loop_report *report)
{
	struct histogram_part parts[NR_LOOP_HISTOGRAMS] = {
		[HISTOGRAM_BUSY] = {.histogram = &report->busy.histogram},
		[HISTOGRAM_POLL] = {.histogram = &report->poll.histogram},
		[HISTOGRAM_WAKE] = {.histogram = &report->wake.histogram},
		[HISTOGRAM_EVENTS] = {.histogram = &report->batch.histogram},
	};
	double busy_max, poll_max, wake_max, batch_max;

	if (now->tail != since->tail)
		histogram_difference(buckets_of(now), buckets_of(since), parts);
	busy_max = histogram_max_ns(&parts[HISTOGRAM_BUSY], maxima->busy_ns);
	poll_max = histogram_max_ns(&parts[HISTOGRAM_POLL], maxima->poll_ns);
	wake_max = histogram_max_ns(&parts[HISTOGRAM_WAKE], maxima->wake_ns);
	batch_max = histogram_max_events(&parts[HISTOGRAM_EVENTS]);
	if (open == REPORT_OPEN_INCLUDED && now->window.state == LOOP_BUSY) {
		histogram_add_ns(&parts[HISTOGRAM_BUSY], busy_age(now));
		busy_max = fmax(busy_max, (double)busy_age(now));
	}
	distribution_derive(&report->busy, &parts[HISTOGRAM_BUSY], HISTOGRAM_UNIT_NS, busy_max);
	distribution_derive(&report->poll, &parts[HISTOGRAM_POLL], HISTOGRAM_UNIT_NS, poll_max);
	distribution_derive(&report->wake, &parts[HISTOGRAM_WAKE], HISTOGRAM_UNIT_NS, wake_max);
	distribution_derive(&report->batch, &parts[HISTOGRAM_EVENTS], HISTOGRAM_UNIT_EVENTS,
			    batch_max);
	lag_derive(&parts[HISTOGRAM_BUSY], &parts[HISTOGRAM_WAKE], report->poll_ns,
		   fmax(busy_max, wake_max), &report->lag);
}

void sample_report(const struct sample *since, const struct sample *now,
		   const struct sample_maxima *maxima, enum report_open open,
		   struct loop_report *ret_report)
{
	memset(ret_report, 0, sizeof(*ret_report));
	report_identity(&now->window, ret_report);
	report_state(now, ret_report);
	report_time(&since->window, &now->window, ret_report);
	ret_report->iterations = beyond(now->window.iterations, since->window.iterations);
	ret_report->events = beyond(now->window.events, since->window.events);
	ret_report->busy_square_ns2 =
		SQUARE_UNIT_NS * SQUARE_UNIT_NS *
		(double)beyond(now->window.busy_square_sum, since->window.busy_square_sum);
	report_stalls(since, now, ret_report);
	report_distributions(since, now, maxima, open, ret_report);
	ret_report->nr_syscalls = sample_syscalls(
		since, now, ret_report->cause_ns[CAUSE_SYSCALL] + ret_report->cause_ns[CAUSE_LOCK],
		ret_report->syscalls);
}
