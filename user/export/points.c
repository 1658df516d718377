/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which loops, process or agent an instrument has points of, and values made into points. */
#include "export/points.h"

#include <string.h>

static const struct loop_totals no_totals;
static const struct agent_figures no_agent;

void point_walk_share(struct point_walk *walk, const struct attribute *attributes, size_t nr)
{
	if (nr > POINT_MAX_ATTRIBUTES - 1)
		nr = POINT_MAX_ATTRIBUTES - 1;
	if (nr)
		memcpy(walk->point.attributes, attributes, nr * sizeof(*attributes));
	walk->nr_shared = nr;
	walk->point.nr_attributes = nr;
}

static int send(struct point_walk *walk, const char *key, const char *name)
{
	struct point *point = &walk->point;

	point->nr_attributes = walk->nr_shared;
	if (key)
		point->attributes[point->nr_attributes++] = ATTRIBUTE_OF_TEXT(key, name);
	return walk->callback(point, walk->context);
}

static int send_value(struct point_walk *walk, const char *key, const struct point_part *part)
{
	double divisor = walk->instrument->source->divisor;

	if (!part->value && walk->leave_zeroes)
		return 0;
	if (walk->instrument->number == NUMBER_INTEGER)
		walk->point.integer = part->value;
	else
		walk->point.number = part->value / divisor;
	return send(walk, key, part->name);
}

int point_walk_parts(struct point_walk *walk, const char *key, const struct point_part *parts,
		     size_t nr)
{
	struct point_part all = {};
	int err = 0;

	for (size_t i = 0; i < nr && !err; i++) {
		if (walk->together)
			all.value += parts[i].value;
		else
			err = send_value(walk, key, &parts[i]);
	}
	return walk->together && nr ? send_value(walk, NULL, &all) : err;
}

int point_walk_value(struct point_walk *walk, __u64 value)
{
	return point_walk_parts(walk, NULL, &(struct point_part){.value = value}, 1);
}

int point_walk_number(struct point_walk *walk, double number)
{
	walk->point.number = number;
	return send(walk, NULL, NULL);
}

/* The series that a loop has in each metric made of a group's totals. */
static size_t group_series(enum totals_group group, const struct figures *figures)
{
	switch (group) {
	case TOTALS_TIME:
		return 1 + NR_CAUSES;
	case TOTALS_STALLS:
		return NR_CAUSES + figures->max_culprits;
	case TOTALS_SYSCALLS:
		return figures->max_blocked_syscalls + 1;
	case TOTALS_WAKE:
		return 2;
	case TOTALS_PLAIN:
	case TOTALS_ALL:
		break;
	}
	return 1;
}

size_t instrument_group_limit(enum totals_group group, const struct figures *figures)
{
	size_t max_series = figures->max_series;

	return max_series ? (max_series - 1) / group_series(group, figures) : 0;
}

static bool is_counted(const struct instrument *instrument)
{
	return instrument->kind != INSTRUMENT_GAUGE;
}

static int walk_loop(struct loop_walk *walk, const struct loop_figures *loop, bool delta)
{
	struct point_walk *points = &walk->walk;

	walk->loop = loop;
	walk->since = delta && loop->since ? loop->since : &no_totals;
	points->leave_zeroes = delta && loop->ended;
	points->point.start_unix_ns = 0;
	if (is_counted(points->instrument))
		points->point.start_unix_ns = delta ? loop->since_unix_ns : loop->start_unix_ns;
	point_walk_share(points, loop->attributes, loop->nr_attributes);
	return points->instrument->source->of_loop(walk);
}

static bool any(const __u64 *values, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (values[i])
			return true;
	}
	return false;
}

/* Loops that ended are in the overflow, too: it is there as long as anything of a group is. */
static bool is_used(const struct loop_totals *totals, enum totals_group group)
{
	switch (group) {
	case TOTALS_TIME:
		return totals->poll_ns || any(totals->cause_ns, NR_CAUSES);
	case TOTALS_STALLS:
		return any(totals->stalls, NR_CAUSES);
	case TOTALS_SYSCALLS:
		return totals->nr_syscalls > 0;
	case TOTALS_WAKE:
		return totals->wake_runqueue_ns || totals->wake_quota_ns;
	case TOTALS_PLAIN:
	case TOTALS_ALL:
		break;
	}
	return totals->iterations || totals->events || totals->lag.count || totals->busy.count ||
	       totals->wake.count || totals->batch.count;
}

static int walk_loops(struct loop_walk *walk, const struct resource_figures *resource, bool delta)
{
	enum totals_group group = walk->walk.instrument->source->group;
	size_t limit = instrument_group_limit(group, walk->figures);
	bool overflown = false;
	int err = 0;

	for (size_t i = 0; i < resource->nr_loops && !err; i++) {
		if (resource->ordinals[i] < limit)
			err = walk_loop(walk, &resource->loops[i], delta);
		else
			overflown = true;
	}
	if (err || !resource->overflow)
		return err;
	if (!overflown && !is_used(resource->overflow->totals, group))
		return 0;
	walk->walk.together = true;
	return walk_loop(walk, resource->overflow, delta);
}

static int walk_process(struct point_walk *walk, const struct process_figures *process, bool delta)
{
	if (!process->valid)
		return 0;
	walk->point.start_unix_ns = delta ? process->since_unix_ns : process->start_unix_ns;
	return walk->instrument->source->of_process(walk, process, delta);
}

/* Field by field: a point is large, and what it holds is filled in for each. */
static void begin_walk(struct point_walk *walk, const struct instrument *instrument,
		       const struct figures *figures, point_fn callback, void *context)
{
	walk->instrument = instrument;
	walk->callback = callback;
	walk->context = context;
	walk->together = false;
	walk->leave_zeroes = false;
	walk->point.time_unix_ns = figures->time_unix_ns;
	point_walk_share(walk, NULL, 0);
}

int instrument_points(const struct instrument *instrument, const struct figures *figures,
		      const struct resource_figures *resource, enum temporality temporality,
		      point_fn callback, void *context)
{
	const struct point_source *source = instrument->source;
	bool delta = temporality == TEMPORALITY_DELTA;
	struct loop_walk walk;

	if (source->of_agent || (source->nodejs && !resource->nodejs))
		return 0;
	walk.figures = figures;
	begin_walk(&walk.walk, instrument, figures, callback, context);
	if (source->of_process)
		return walk_process(&walk.walk, &resource->process, delta);
	return walk_loops(&walk, resource, delta);
}

static __u64 agent_start(const struct instrument *instrument, const struct agent_figures *agent,
			 bool delta, __u64 since_unix_ns)
{
	if (instrument->kind == INSTRUMENT_GAUGE)
		return 0;
	return delta && instrument->kind == INSTRUMENT_COUNTER ? since_unix_ns
							       : agent->start_unix_ns;
}

int instrument_agent_points(const struct instrument *instrument, const struct figures *figures,
			    const struct agent_figures *since, __u64 since_unix_ns,
			    enum temporality temporality, point_fn callback, void *context)
{
	bool delta = temporality == TEMPORALITY_DELTA && since;
	const struct agent_figures *agent = figures->agent;
	struct agent_walk walk;

	if (!instrument->source->of_agent || !agent)
		return 0;
	walk.agent = agent;
	walk.since = delta ? since : &no_agent;
	begin_walk(&walk.walk, instrument, figures, callback, context);
	walk.walk.point.start_unix_ns = agent_start(instrument, agent, delta, since_unix_ns);
	return instrument->source->of_agent(&walk);
}
