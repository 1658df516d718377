/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One loop, one process: what reports add to them, and what is asked of them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "agent/registry_parts.h"
#include "export/instruments.h"
#include "model/histogram.h"

#define NS_PER_MS 1e6

unsigned int registry_overflown_groups(const struct registry *registry, unsigned int ordinal)
{
	static const enum totals_group groups[] = {TOTALS_PLAIN, TOTALS_TIME, TOTALS_STALLS,
						   TOTALS_SYSCALLS, TOTALS_WAKE};
	const struct figures limits = {
		.max_series = registry->options.max_series,
		.max_blocked_syscalls = registry->options.max_blocked_syscalls,
		.max_culprits = registry->options.max_culprits,
	};
	unsigned int overflown = 0;

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++) {
		if (ordinal >= instrument_group_limit(groups[i], &limits))
			overflown |= groups[i];
	}
	return overflown;
}

struct overflow *registry_overflow(struct watched_process *process, __u64 start_unix_ns)
{
	if (process->overflow)
		return process->overflow;
	process->overflow = calloc(1, sizeof(*process->overflow));
	if (process->overflow)
		process->overflow->start_unix_ns = start_unix_ns;
	return process->overflow;
}

/* For want of memory the totals of the overflow fall behind; the loop's own never do. */
static void add_to_overflow(struct watched_loop *loop, const struct loop_totals *before,
			    unsigned int groups)
{
	struct overflow *overflow = registry_overflow(loop->process, loop->start_unix_ns);

	if (overflow)
		totals_add_difference(&overflow->totals, &loop->totals, before, groups);
}

static void add_to_interval(struct watched_loop *loop, const struct loop_report *report)
{
	loop->interval_poll_ns += report->poll_ns;
	loop->interval_busy_ns += report->window_ns - report->poll_ns;
	if (report->lag.max > loop->interval_max_ns)
		loop->interval_max_ns = report->lag.max;
	for (int i = 0; loop->interval_lag_ns && i < HISTOGRAM_NR_BUCKETS; i++)
		loop->interval_lag_ns[i] += report->lag.time_ns[i];
}

/* The model's windows follow one another from when the kernel side first saw the loop. */
static void add_to_reported(struct watched_loop *loop, const struct loop_report *report)
{
	if (loop->first_seen_ns != report->first_seen_ns)
		loop->reported_ns = loop->first_seen_ns = report->first_seen_ns;
	loop->reported_ns += report->window_ns;
	registry_count_culprits(loop, report->stalls_ended);
}

void registry_report(struct registry *registry, struct watched_loop *loop,
		     const struct loop_report *report)
{
	unsigned int overflown = registry_overflown_groups(registry, loop->ordinal);
	struct loop_totals before;

	if (loop->ended)
		return;
	if (overflown)
		before = loop->totals;
	totals_add_report(&loop->totals, &loop->carry, report, registry->options.check_interval_ns);
	if (overflown)
		add_to_overflow(loop, &before, overflown);
	add_to_interval(loop, report);
	add_to_reported(loop, report);
	loop->now = (struct loop_now){
		.state = report->state,
		.where = report->where,
		.where_syscall = report->where_syscall,
		.current_busy_ns = report->current_busy_ns,
		.blocking_ns = report->blocking_ns,
	};
	if (report->state == REPORT_ENDED)
		registry_end_loop(registry, loop);
}

void registry_end_loop(struct registry *registry, struct watched_loop *loop)
{
	if (loop->ended)
		return;
	loop->ended = true;
	loop->now.current_busy_ns = 0;
	registry->nr_ended++;
}

void registry_exclude_loop(struct registry *registry, struct watched_loop *loop)
{
	loop->excluded = !loop->ended;
	registry_end_loop(registry, loop);
}

void registry_drop_loop(struct registry *registry, struct watched_loop *loop)
{
	registry_forget_loop(registry, loop);
}

void registry_include_loop(struct registry *registry, struct watched_loop *loop, int group)
{
	loop->group = group;
	if (!loop->excluded)
		return;
	loop->excluded = loop->ended = false;
	loop->intervals_ended = 0;
	/* what is on its way is not the last any more */
	loop->delivery.on_way_ended = loop->delivery.complete = false;
	registry->nr_ended--;
}

struct watched_process *watched_loop_process(struct watched_loop *loop)
{
	return loop->process;
}

const struct loop_id *watched_loop_id(const struct watched_loop *loop)
{
	return &loop->id;
}

const char *watched_loop_thread(const struct watched_loop *loop)
{
	return loop->thread;
}

const struct loop_now *watched_loop_now(const struct watched_loop *loop)
{
	return &loop->now;
}

struct threshold_state *watched_loop_thresholds(struct watched_loop *loop)
{
	return &loop->thresholds;
}

struct loop_stalls *watched_loop_stalls(struct watched_loop *loop)
{
	return &loop->stalls;
}

const char *watched_loop_text(const struct watched_loop *loop)
{
	return loop->id_text;
}

bool watched_loop_excluded(const struct watched_loop *loop)
{
	return loop->excluded;
}

bool watched_loop_ended(const struct watched_loop *loop)
{
	return loop->ended;
}

int watched_loop_group(const struct watched_loop *loop)
{
	return loop->group;
}

void watched_loop_set_group(struct watched_loop *loop, int group)
{
	loop->group = group;
}

void watched_loop_gauges(const struct watched_loop *loop, struct loop_gauges *ret_gauges)
{
	const struct loop_now *now = &loop->now;
	double open_ns = (double)now->current_busy_ns;

	ret_gauges->max_lag_ms = NAN;
	if (!isnan(loop->max_lag_ns))
		ret_gauges->max_lag_ms = fmax(loop->max_lag_ns, open_ns) / NS_PER_MS;
	ret_gauges->utilization_percent = loop->utilization;
	ret_gauges->stall_age_ms = 0;
	if (now->current_busy_ns >= now->blocking_ns)
		ret_gauges->stall_age_ms = open_ns / NS_PER_MS;
}

double watched_loop_utilization(const struct watched_loop *loop)
{
	double all = (double)(loop->interval_poll_ns + loop->interval_busy_ns);

	return all > 0 ? 100 * (double)loop->interval_busy_ns / all : NAN;
}

double watched_loop_lag_p95_ms(struct watched_loop *loop)
{
	double total = 0;

	if (!loop->interval_lag_ns) {
		loop->interval_lag_ns =
			calloc(HISTOGRAM_NR_BUCKETS, sizeof(*loop->interval_lag_ns));
		return NAN;
	}
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		total += loop->interval_lag_ns[i];
	return histogram_quantiles(loop->interval_lag_ns, total, HISTOGRAM_UNIT_NS,
				   loop->interval_max_ns)
		       .p95 /
	       NS_PER_MS;
}

const struct process_key *watched_process_key(const struct watched_process *process)
{
	return &process->key;
}

const struct process_identity *watched_process_identity(const struct watched_process *process)
{
	return &process->identity;
}

const char *watched_process_comm(const struct watched_process *process)
{
	return process->comm;
}

struct pod_link *watched_process_pod(struct watched_process *process)
{
	return &process->pod;
}

bool watched_process_lives(const struct watched_process *process)
{
	const struct watched_loop *loop = process->loops;

	while (loop && loop->ended)
		loop = loop->next;
	return loop != NULL;
}

bool watched_process_refresh(struct watched_process *process)
{
	bool due = !process->refreshed;

	process->refreshed = true;
	return due;
}

const struct attributes *watched_process_attributes(const struct watched_process *process)
{
	return &process->attributes;
}

void watched_process_set_attributes(struct watched_process *process, struct attributes *attributes)
{
	attributes_done(&process->attributes);
	process->attributes = *attributes;
	*attributes = (struct attributes){};
}

static void raise_to(__u64 *total, __u64 value)
{
	if (value > *total)
		*total = value;
}

void watched_process_set_usage(struct watched_process *process, const struct process_usage *usage,
			       __u64 start_unix_ns)
{
	process->start_unix_ns = start_unix_ns;
	process->usage.start_ns = usage->start_ns;
	raise_to(&process->usage.user_ns, usage->user_ns);
	raise_to(&process->usage.system_ns, usage->system_ns);
	raise_to(&process->usage.voluntary_switches, usage->voluntary_switches);
	raise_to(&process->usage.involuntary_switches, usage->involuntary_switches);
}
