/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures for a reader, and what becomes of those that were shipped to one of deltas. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <utlist.h>

#include "agent/registry_parts.h"

static const struct attribute overflow_attribute = {
	.key = "otel.metric.overflow", .type = ATTRIBUTE_BOOLEAN, .boolean = true};

void delivery_done(struct delivery *delivery)
{
	free(delivery->since);
	free(delivery->on_way);
}

void registry_view_done(struct registry_view *view)
{
	free(view->resources);
	free(view->processes);
	free(view->loops);
	free(view->ordinals);
}

static int reserve_resources(struct registry_view *view, size_t nr)
{
	struct resource_figures *resources;
	struct watched_process **processes;

	if (nr <= view->max_resources)
		return 0;
	nr += nr / 2;
	resources = reallocarray(view->resources, nr, sizeof(*resources));
	if (resources)
		view->resources = resources;
	processes = reallocarray(view->processes, nr, sizeof(*processes));
	if (processes)
		view->processes = processes;
	if (!resources || !processes)
		return -ENOMEM;
	view->max_resources = nr;
	return 0;
}

static int reserve_loops(struct registry_view *view, size_t nr)
{
	struct loop_figures *loops;
	unsigned int *ordinals;

	if (nr <= view->max_loops)
		return 0;
	nr += nr / 2;
	loops = reallocarray(view->loops, nr, sizeof(*loops));
	if (loops)
		view->loops = loops;
	ordinals = reallocarray(view->ordinals, nr, sizeof(*ordinals));
	if (ordinals)
		view->ordinals = ordinals;
	if (!loops || !ordinals)
		return -ENOMEM;
	view->max_loops = nr;
	return 0;
}

int registry_view_reserve(struct registry *registry)
{
	size_t nr_processes = HASH_COUNT(registry->processes);

	/* each process may have an overflow beside its loops */
	return reserve_resources(&registry->view, nr_processes)
		       ?: reserve_loops(&registry->view,
					HASH_COUNT(registry->loops) + nr_processes);
}

bool watched_loop_shown(const struct watched_loop *loop, enum reader reader)
{
	if (!loop->ended)
		return true;
	return reader == READER_OTLP ? !loop->delivery.complete : loop->intervals_ended <= 1;
}

static void figures_of_delivery(const struct delivery *delivery, struct loop_figures *figures)
{
	figures->since = delivery->since;
	figures->since_unix_ns = delivery->since ? delivery->since_unix_ns : figures->start_unix_ns;
}

static void figures_of_loop(const struct watched_loop *loop, struct loop_figures *figures)
{
	*figures = (struct loop_figures){
		.attributes = loop->attributes,
		.nr_attributes = 2,
		.start_unix_ns = loop->start_unix_ns,
		.totals = &loop->totals,
		.exemplar = loop->stalls.shown.value_ms > 0 ? &loop->stalls.shown : NULL,
		.culprits = loop->culprits,
		.nr_culprits = loop->nr_culprits,
		.has_gauges = !loop->ended,
		.ended = loop->ended,
	};
	figures_of_delivery(&loop->delivery, figures);
	watched_loop_gauges(loop, &figures->gauges);
}

static void figures_of_overflow(const struct overflow *overflow, struct loop_figures *figures)
{
	*figures = (struct loop_figures){
		.attributes = &overflow_attribute,
		.nr_attributes = 1,
		.start_unix_ns = overflow->start_unix_ns,
		.totals = &overflow->totals,
	};
	figures_of_delivery(&overflow->delivery, figures);
}

static void figures_of_usage(const struct watched_process *process, struct process_figures *figures)
{
	const struct process_usage *since = &process->delivery.since;

	*figures = (struct process_figures){
		.valid = process->usage.start_ns != 0,
		.start_unix_ns = process->start_unix_ns,
		.user_ns = process->usage.user_ns,
		.system_ns = process->usage.system_ns,
		.voluntary_switches = process->usage.voluntary_switches,
		.involuntary_switches = process->usage.involuntary_switches,
		.since_unix_ns =
			since->start_ns ? process->delivery.since_unix_ns : process->start_unix_ns,
		.since_user_ns = since->user_ns,
		.since_system_ns = since->system_ns,
		.since_voluntary = since->voluntary_switches,
		.since_involuntary = since->involuntary_switches,
	};
}

/* Appends the process's loops at `at` of the view; false if there is nothing to show of it. */
static bool view_process(struct registry_view *view, struct watched_process *process,
			 enum reader reader, size_t *at, struct resource_figures *resource)
{
	const struct watched_loop *loop;

	*resource = (struct resource_figures){
		.attributes = &process->attributes,
		.nodejs = process->nodejs,
		.loops = view->loops + *at,
		.ordinals = view->ordinals + *at,
	};
	DL_FOREACH(process->loops, loop)
	{
		if (!watched_loop_shown(loop, reader))
			continue;
		view->ordinals[*at] = loop->ordinal;
		figures_of_loop(loop, &view->loops[(*at)++]);
		resource->nr_loops++;
	}
	if (process->overflow) {
		resource->overflow = &view->loops[*at];
		figures_of_overflow(process->overflow, &view->loops[(*at)++]);
	}
	figures_of_usage(process, &resource->process);
	return resource->nr_loops || resource->overflow;
}

int registry_figures(struct registry *registry, enum reader reader, __u64 now_unix_ns,
		     struct figures *ret_figures)
{
	struct registry_view *view = &registry->view;
	size_t nr_resources = 0, nr_loops = 0;
	struct watched_process *process;

	if (registry_view_reserve(registry))
		return -ENOMEM;
	registry->now_unix_ns = now_unix_ns;
	DL_FOREACH(registry->order, process)
	{
		if (process->pod.held ||
		    !view_process(view, process, reader, &nr_loops, &view->resources[nr_resources]))
			continue;
		view->processes[nr_resources++] = process;
	}
	*ret_figures = (struct figures){
		.time_unix_ns = now_unix_ns,
		.max_series = registry->options.max_series,
		.max_blocked_syscalls = registry->options.max_blocked_syscalls,
		.max_culprits = registry->options.max_culprits,
		.resources = view->resources,
		.nr_resources = nr_resources,
	};
	return 0;
}
