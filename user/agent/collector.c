/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A window of the model is what lies between two collections: its figures are added
 * to the totals, and the next one is opened. Collections come once an export interval,
 * and when somebody asks between.
 */
#include "agent/collector_parts.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/admission.h"
#include "agent/clocks.h"
#include "agent/groups.h"
#include "agent/policies.h"
#include "agent/process_usage.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "model/model.h"
#include "observe/observer.h"

#define NS_PER_MS 1e6
/* All loops of the machine may end while the agent looks at somebody else. */
#define RING_BYTES (1024 * 1024)
#define STALLS_RING_BYTES (4 * RING_BYTES) /* a stack has up to 30 KB */
#define MAX_WAITING 200                    /* some two megabytes */
#define MANY_GONE 1000                     /* loops at once */

DEFINE_CLEANUP(struct collector *, collector_free)

void collector_free(struct collector *collector)
{
	if (!collector)
		return;
	policies_free(collector->policies);
	observer_free(collector->observer);
	admission_free(collector->admission);
	registry_free(collector->registry);
	model_free(collector->model);
	attributes_done(&collector->departed);
	free(collector);
}

static struct registry_options registry_options_of(const struct collector *collector,
						   const struct settings *settings)
{
	return (struct registry_options){
		.max_waiting = MAX_WAITING,
		.max_ended = settings->max_loops,
		.delivers = settings->export != EXPORT_NONE,
		.delta = settings->temporality == TEMPORALITY_DELTA,
		.check_interval_ns = settings->check_interval_ms * NS_PER_MS,
		.max_series = settings->max_series,
		.max_blocked_syscalls = settings->max_blocked_syscalls,
		.max_culprits =
			settings->stalls.culprit_attribute ? settings->stalls.max_culprits : 0,
		.departed = &collector->departed,
	};
}

static void decide(struct collector *collector, const struct loop_window *window)
{
	struct watched_loop *loop;
	enum verdict verdict;

	if (admission_decide(collector->admission, window, &verdict))
		return; /* for want of memory: its next record brings it here again */
	if (verdict != VERDICT_WATCHED) {
		collector->left_out |= verdict == VERDICT_LEFT_OUT;
		collector_put_exclusion(collector, &window->id);
		return;
	}
	loop = registry_loop(collector->registry, &window->id);
	collector_put_threshold(collector, loop, window->blocking_ns);
	if (collector->listener.process)
		collector->listener.process(watched_process_key(watched_loop_process(loop)),
					    collector->listener.context);
}

static void take_place(struct collector *collector, const void *record, size_t size)
{
	struct place place;

	if (!place_decode(record, size, &place))
		admission_note_place(collector->admission, &place);
}

static void take_window(struct collector *collector, const void *record)
{
	const struct watched_loop *loop;
	struct loop_window window;

	memcpy(&window, record, sizeof(window));
	loop = registry_loop(collector->registry, &window.id);
	if ((!loop || watched_loop_excluded(loop)) &&
	    !policies_excludes(collector->policies, &window.id))
		decide(collector, &window);
	admission_forget_place(collector->admission, &window.id);
}

/* What the model takes is as long as its kind has to be. */
static void take_record(const void *record, size_t size, void *context)
{
	struct collector *collector = context;
	struct record_header header;

	if (model_apply(collector->model, record, size))
		return;
	memcpy(&header, record, sizeof(header));
	if (header.kind == RECORD_LOOP_PLACE)
		take_place(collector, record, size);
	else if (header.kind == RECORD_LOOP_WINDOW || header.kind == RECORD_LOOP_GONE)
		take_window(collector, record);
	if (collector->listener.record && header.kind != RECORD_LOOP_PLACE)
		collector->listener.record(record, size, collector->listener.context);
}

int collector_watch(struct collector *collector)
{
	return observer_watch(collector->observer, take_record, collector);
}

int collector_read(struct collector *collector)
{
	int r = observer_read(collector->observer, take_record, collector);

	return r < 0 ? r : 0;
}

static int take_report(const struct loop_report *report, void *context)
{
	struct collector *collector = context;
	struct watched_loop *loop = registry_loop(collector->registry, &report->id);

	if (loop)
		registry_report(collector->registry, loop, report);
	return 0;
}

/* A loop that the model has forgotten has ended, though the record that said so was lost. */
static void end_if_forgotten(struct watched_loop *loop, void *context)
{
	struct collector *collector = context;

	if (!model_knows(collector->model, watched_loop_id(loop)))
		registry_end_loop(collector->registry, loop);
}

int collector_collect(struct collector *collector)
{
	int r = observer_walk(collector->observer, take_record, collector);

	if (r)
		return r;
	collector->collected_unix_ns = clock_unix_ns();
	r = model_report_ended(collector->model, take_report, collector);
	model_open_window(collector->model);
	registry_each_loop(collector->registry, end_if_forgotten, collector);
	registry_relieve(collector->registry);
	policies_walked(collector->policies);
	collector_settle(collector);
	return r;
}

bool collector_has_news(const struct collector *collector)
{
	return policies_waiting(collector->policies);
}

static void refresh(struct watched_process *process, void *context)
{
	const struct collector *collector = context;

	admission_refresh(collector->admission, process);
}

static size_t nr_kept(const struct collector *collector)
{
	struct registry_counts counts;

	registry_counts(collector->registry, &counts);
	return counts.loops + counts.waiting;
}

void collector_end_interval(struct collector *collector)
{
	size_t before = nr_kept(collector);

	if (collector->settings->process_metrics)
		process_usage_read(collector->observer, collector->registry);
	registry_end_interval(collector->registry);
	registry_each_process(collector->registry, refresh, collector);
	collector_reconsider(collector);
	if (nr_kept(collector) + MANY_GONE <= before)
		malloc_trim(0); /* what lies between those that stay is not given back else */
}

static int start_observer(struct collector *collector, char *error)
{
	const struct settings *settings = collector->settings;
	const struct observer_options options = {
		.scope =
			{
				.blocking_ns = collector_blocking_ns(settings, 0),
				.all = true,
				.policies = true,
				.announce = true,
				.wait_family = settings->wait_family,
				.max_stalls = settings->stalls.per_minute,
				.max_stacks = settings->stalls.stacks_per_minute,
			},
		.max_loops = settings->max_loops,
		.ring_bytes = settings->stalls.enabled ? STALLS_RING_BYTES : RING_BYTES,
		.usage = settings->process_metrics,
		.stalls = settings->stalls.enabled,
	};
	int r = observer_new(&options, &collector->observer, error)
			?: observer_start(collector->observer, error);

	if (r)
		return r;
	r = policies_new(collector->observer, &collector->policies) ?: collector_collect(collector);
	if (r)
		snprintf(error, COLLECTOR_ERROR_LEN, "reading the first window: %s", strerror(-r));
	return r;
}

static int new_parts(struct collector *collector)
{
	const struct model_options model = {.max_loops = collector->settings->max_loops};
	struct registry_options registry;
	int r = attributes_put_text(&collector->departed, "service.name", "loopscope.departed");

	registry = registry_options_of(collector, collector->settings);
	return r ?: model_new(&model, &collector->model)
			       ?: registry_new(&registry, &collector->registry)
			       ?: admission_new(collector->settings, collector->registry,
						&collector->admission);
}

int collector_new(const struct settings *settings, const struct pods *pods,
		  struct collector **ret_collector, char error[COLLECTOR_ERROR_LEN])
{
	_cleanup_(collector_freep) struct collector *collector = calloc(1, sizeof(*collector));
	int r;

	snprintf(error, COLLECTOR_ERROR_LEN, "out of memory");
	if (!collector)
		return -ENOMEM;
	collector->settings = settings;
	collector->started_unix_ns = clock_unix_ns();
	r = new_parts(collector);
	if (r)
		return r;
	admission_set_pods(collector->admission, pods);
	r = start_observer(collector, error);
	if (r)
		return r;
	*ret_collector = TAKE_PTR(collector);
	return 0;
}

static void reread(struct watched_process *process, void *context)
{
	const struct collector *collector = context;

	admission_reread(collector->admission, process);
	admission_rethreshold(collector->admission, process);
}

void collector_reread(struct collector *collector)
{
	registry_each_process(collector->registry, reread, collector);
}

int collector_set_settings(struct collector *collector, const struct settings *settings)
{
	const struct registry_options options = registry_options_of(collector, settings);
	int r = admission_set_settings(collector->admission, settings);

	if (r)
		return r;
	collector->settings = settings;
	registry_set_options(collector->registry, &options);
	policies_forget(collector->policies);
	collector_reread(collector);
	registry_each_loop(collector->registry, collector_regroup, collector);
	return observer_reconsider(collector->observer);
}

void collector_set_listener(struct collector *collector, const struct collector_listener *listener)
{
	collector->listener = *listener;
}

__u64 collector_watch_interval_ns(const struct collector *collector)
{
	return observer_watch_interval_ns(collector->observer);
}

int collector_ticks(const struct collector *collector)
{
	return observer_ticks(collector->observer);
}

/* Where the table is full, stacks have no such frames, which is told with them. */
void collector_set_python(struct collector *collector, pid_t pid,
			  const struct python_runtime *runtime)
{
	observer_set_python(collector->observer, pid, runtime);
}

int collector_fd(const struct collector *collector)
{
	return observer_fd(collector->observer);
}

struct registry *collector_registry(struct collector *collector)
{
	return collector->registry;
}

static void fill_programs(struct collector *collector, struct agent_figures *agent)
{
	struct observer_program programs[AGENT_MAX_PROGRAMS];
	size_t nr = observer_programs(collector->observer, programs, AGENT_MAX_PROGRAMS);

	if (nr > AGENT_MAX_PROGRAMS)
		nr = AGENT_MAX_PROGRAMS;
	for (size_t i = 0; i < nr; i++)
		collector->programs[i] = (struct program_figures){
			.name = programs[i].name,
			.run_count = programs[i].run_count,
			.run_time_ns = programs[i].run_time_ns,
			.recursion_misses = programs[i].recursion_misses,
		};
	agent->programs = collector->programs;
	agent->nr_programs = nr;
}

static void fill_agent(struct collector *collector, struct agent_figures *agent)
{
	const struct model_stats *stats = model_stats(collector->model);
	uint64_t counters[NR_COUNTERS], recursion_misses;
	struct registry_counts counts;

	observer_counters(collector->observer, counters, &recursion_misses);
	registry_counts(collector->registry, &counts);
	agent->attributes = admission_agent(collector->admission);
	agent->start_unix_ns = collector->started_unix_ns;
	agent->loops_watched = counts.loops;
	agent->processes_watched = counts.processes;
	agent->loops_dropped = counters[COUNTER_LOOPS_LOST] + stats->loops_dropped;
	agent->records = stats->records;
	agent->records_lost = counters[COUNTER_RECORDS_LOST] + stats->records_bad;
	agent->records_unknown = stats->records_unknown;
	agent->windows_torn = counters[COUNTER_TORN];
	agent->misses = counters[COUNTER_MISSED_WAKING] + counters[COUNTER_MISSED_SWITCH] +
			counters[COUNTER_MISSED_EDGE] + recursion_misses;
	agent->compat_skipped = counters[COUNTER_COMPAT_SKIPPED];
	agent->stalls_held_back = counters[COUNTER_STALLS_HELD];
	agent->stacks_held_back += counters[COUNTER_STACKS_HELD]; /* and those without names */
	agent->pods_unresolved = admission_unresolved(collector->admission);
	agent->containers_unresolved = admission_containers_unresolved(collector->admission);
	agent->series_overflown = counts.overflown + counts.departed;
	fill_programs(collector, agent);
}

int collector_figures(struct collector *collector, enum reader reader, struct agent_figures *agent,
		      struct figures *ret_figures)
{
	int r = registry_figures(collector->registry, reader, collector->collected_unix_ns,
				 ret_figures);

	if (r)
		return r;
	fill_agent(collector, agent);
	ret_figures->agent = agent;
	return 0;
}
