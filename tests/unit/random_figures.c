/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures that may be: what a reader has is never more than what there is. The rest is random. */
#include <math.h>
#include <string.h>

#include "random_figures.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define EPOCH_NS 1700000000000000000ULL

#define FIGURE(figure_) {#figure_, offsetof(struct agent_figures, figure_)}

const struct world_agent_figure world_agent_figures[] = {
	FIGURE(loops_watched),
	FIGURE(processes_watched),
	FIGURE(loops_dropped),
	FIGURE(records),
	FIGURE(records_lost),
	FIGURE(records_unknown),
	FIGURE(windows_torn),
	FIGURE(misses),
	FIGURE(compat_skipped),
	FIGURE(series_overflown),
	FIGURE(pods_known),
	FIGURE(pods_unresolved),
	FIGURE(containers_unresolved),
	FIGURE(kubernetes_requests),
	FIGURE(kubernetes_failures),
	FIGURE(export_attempts),
	FIGURE(export_requests),
	FIGURE(export_failures),
	FIGURE(export_retries),
	FIGURE(export_rejected_points),
	FIGURE(export_bytes),
	FIGURE(stalls),
	FIGURE(stalls_held_back),
	FIGURE(stacks),
	FIGURE(stacks_cut),
	FIGURE(stacks_missing),
	FIGURE(stacks_held_back),
	FIGURE(symbols_restarts),
	FIGURE(symbols_evictions),
	FIGURE(symbols_processes),
	FIGURE(symbols_cpu_ns),
	FIGURE(symbols_rss_bytes),
	FIGURE(logs_exported),
	FIGURE(logs_dropped),
	FIGURE(logs_failures),
	FIGURE(profiles_exported),
	FIGURE(profiles_dropped),
	FIGURE(scrapes),
	FIGURE(reloads),
	FIGURE(reload_failures),
	FIGURE(cpu_user_ns),
	FIGURE(cpu_system_ns),
	FIGURE(rss_bytes),
};

const size_t nr_world_agent_figures = ARRAY_SIZE(world_agent_figures);

static uint64_t next(struct world *world)
{
	return random_next(&world->random);
}

static uint64_t below(struct world *world, uint64_t limit)
{
	return next(world) % limit;
}

/* True once in `times`. */
static bool once_in(struct world *world, unsigned int times)
{
	return below(world, times) == 0;
}

/* 0 every third time, else of any size up to 2^bits. */
static uint64_t amount(struct world *world, unsigned int bits)
{
	return once_in(world, 3) ? 0 : below(world, 1ULL << (1 + below(world, bits)));
}

static double real(struct world *world)
{
	return ldexp((double)below(world, 1 << 30), (int)below(world, 40) - 35);
}

static __u64 instant(struct world *world)
{
	return EPOCH_NS + below(world, 1ULL << 50);
}

/* Anything but a NUL: names are chosen by whoever is watched. */
static const char *text(struct world *world)
{
	static const char nasty[] = "\"\\\n\t\x01\x7f\xc3\xa9\xff\xed\xa0\x80/{}<>&";
	char *made = world->texts[world->nr_texts++ % WORLD_TEXTS];
	size_t size = below(world, WORLD_TEXT_LEN);

	for (size_t i = 0; i < size; i++) {
		if (once_in(world, 4))
			made[i] = nasty[below(world, sizeof(nasty) - 1)];
		else if (once_in(world, 8))
			made[i] = (char)(1 + below(world, 255));
		else
			made[i] = (char)('a' + below(world, 26));
	}
	made[size] = '\0';
	return made;
}

static struct attribute attribute(struct world *world)
{
	struct attribute made = {.key = text(world), .type = below(world, 5)};
	size_t first;

	if (!*made.key)
		made.key = "empty";
	switch (made.type) {
	case ATTRIBUTE_TEXT:
		made.text = text(world);
		break;
	case ATTRIBUTE_INTEGER:
		made.integer = (__s64)next(world);
		break;
	case ATTRIBUTE_DOUBLE:
		made.number = once_in(world, 4) ? -INFINITY : -real(world);
		break;
	case ATTRIBUTE_BOOLEAN:
		made.boolean = once_in(world, 2);
		break;
	case ATTRIBUTE_TEXTS:
		made.texts.nr = below(world, 4);
		first = world->nr_texts;
		made.texts.items = &world->items[first];
		for (size_t i = 0; i < made.texts.nr; i++)
			world->items[first + i] = text(world);
		break;
	}
	return made;
}

/* The first tells which one it is. */
static size_t fill_attributes(struct world *world, struct attribute *attributes, size_t index)
{
	size_t nr = 1 + below(world, WORLD_ATTRIBUTES);

	attributes[0] = ATTRIBUTE_OF_INTEGER("index", (__s64)index);
	for (size_t i = 1; i < nr; i++)
		attributes[i] = attribute(world);
	return nr;
}

static void grow_histogram(struct world *world, struct totals_histogram *histogram)
{
	unsigned int nr = below(world, 12);

	for (unsigned int i = 0; i < nr; i++) {
		unsigned int bucket = below(world, HISTOGRAM_NR_BUCKETS);
		__u64 count = amount(world, 40);

		if (once_in(world, 4))
			bucket = once_in(world, 2) ? 0 : HISTOGRAM_NR_BUCKETS - 1;
		histogram->buckets[bucket] += count;
		histogram->count += count;
		histogram->sum += count || once_in(world, 8) ? real(world) * 1e6 : 0;
	}
}

/* Names that appear stay in their order; "other" stays last. */
static void grow_syscalls(struct world *world, struct loop_totals *totals)
{
	unsigned int nr = totals->nr_syscalls;
	bool had_other = nr && totals->syscalls[nr - 1].nr == RECORD_SYSCALL_OTHER;
	struct window_syscall other = {.nr = RECORD_SYSCALL_OTHER};

	if (had_other)
		other = totals->syscalls[--nr];
	for (unsigned int i = 0; i < nr; i++)
		totals->syscalls[i].time_ns += amount(world, 50);
	for (unsigned int more = below(world, 8); more && nr < TOTALS_NR_SYSCALLS - 1; more--)
		totals->syscalls[nr++] = (struct window_syscall){
			(__s32)(nr * 40 + below(world, 40)), 1, amount(world, 50)};
	if (had_other || once_in(world, 3)) {
		other.time_ns += amount(world, 50);
		totals->syscalls[nr++] = other;
	}
	totals->nr_syscalls = nr;
}

static void grow_totals(struct world *world, struct loop_totals *totals)
{
	totals->poll_ns += amount(world, 55);
	for (int i = 0; i < NR_CAUSES; i++) {
		totals->cause_ns[i] += amount(world, 55);
		totals->stalls[i] += amount(world, 20);
	}
	totals->iterations += amount(world, 50);
	totals->events += amount(world, 50);
	totals->wake_runqueue_ns += amount(world, 50);
	totals->wake_quota_ns += amount(world, 50);
	grow_histogram(world, &totals->lag);
	grow_histogram(world, &totals->busy);
	grow_histogram(world, &totals->wake);
	grow_histogram(world, &totals->batch);
	grow_syscalls(world, totals);
}

static void make_exemplar(struct world *world, struct loop_exemplar *exemplar)
{
	*exemplar = (struct loop_exemplar){
		.value_ms = real(world),
		.time_unix_ns = instant(world),
		.cause = (enum cause)below(world, NR_CAUSES),
		.thread_id = (__u32)next(world),
		.thread = text(world),
	};
	snprintf(exemplar->stall_id, sizeof(exemplar->stall_id), "%s", text(world));
}

/* Of a cause each, and no more stalls than that has, in all and since. */
static size_t make_culprits(struct world *world, struct world_loop *owned, bool has_since)
{
	size_t nr = below(world, WORLD_CULPRITS + 1);

	for (size_t i = 0; i < nr; i++) {
		__u64 all = owned->totals.stalls[i];
		__u64 since = has_since ? owned->since.stalls[i] : 0;
		struct loop_culprit *culprit = &owned->culprits[i];

		*culprit = (struct loop_culprit){
			.function = (char *)text(world),
			.cause = (enum cause)i,
			.since = below(world, since + 1),
		};
		culprit->stalls = culprit->since + below(world, all - since + 1);
	}
	return nr;
}

static struct loop_figures make_loop(struct world *world, struct world_loop *owned, size_t index)
{
	struct loop_figures loop = {
		.attributes = owned->attributes,
		.nr_attributes = fill_attributes(world, owned->attributes, index),
		.start_unix_ns = instant(world),
		.totals = &owned->totals,
		.since_unix_ns = instant(world),
		.ended = once_in(world, 4),
	};

	if (!once_in(world, 6))
		grow_totals(world, &owned->totals);
	if (once_in(world, 2)) {
		owned->since = owned->totals;
		loop.since = &owned->since;
		if (!once_in(world, 4))
			grow_totals(world, &owned->totals);
	}
	loop.culprits = owned->culprits;
	loop.nr_culprits = make_culprits(world, owned, loop.since);
	if (once_in(world, 2)) {
		make_exemplar(world, &owned->exemplar);
		loop.exemplar = &owned->exemplar;
	}
	loop.has_gauges = !loop.ended && !once_in(world, 5);
	loop.gauges.max_lag_ms = real(world);
	loop.gauges.utilization_percent = once_in(world, 3) ? NAN : real(world);
	loop.gauges.stall_age_ms = once_in(world, 2) ? 0 : real(world);
	return loop;
}

static void make_process(struct world *world, struct process_figures *process)
{
	process->valid = !once_in(world, 4);
	process->start_unix_ns = instant(world);
	process->since_unix_ns = instant(world);
	process->since_user_ns = amount(world, 50);
	process->since_system_ns = amount(world, 50);
	process->since_voluntary = amount(world, 40);
	process->since_involuntary = amount(world, 40);
	process->user_ns = process->since_user_ns + amount(world, 50);
	process->system_ns = process->since_system_ns + amount(world, 50);
	process->voluntary_switches = process->since_voluntary + amount(world, 40);
	process->involuntary_switches = process->since_involuntary + amount(world, 40);
}

static struct attributes *make_set(struct world *world, size_t index)
{
	struct attributes *set = &world->sets[index];

	set->items = world->attributes[index];
	set->nr = fill_attributes(world, set->items, index);
	set->nr_left_out = amount(world, 5);
	return set;
}

static void make_resource(struct world *world, size_t index)
{
	struct resource_figures *resource = &world->resources[index];
	unsigned int ordinal = 0;

	resource->attributes = make_set(world, index);
	resource->nodejs = once_in(world, 2);
	make_process(world, &resource->process);
	resource->loops = world->loops[index];
	resource->nr_loops = below(world, WORLD_LOOPS);
	resource->ordinals = world->ordinals[index];
	for (size_t i = 0; i < resource->nr_loops; i++) {
		world->loops[index][i] = make_loop(world, &world->owned[index][i], i);
		world->ordinals[index][i] = ordinal;
		ordinal += 1 + below(world, 3);
	}
	if (once_in(world, 3))
		return;
	world->loops[index][WORLD_LOOPS - 1] =
		make_loop(world, &world->owned[index][WORLD_LOOPS - 1], WORLD_LOOPS - 1);
	world->loops[index][WORLD_LOOPS - 1].ended = false;
	world->loops[index][WORLD_LOOPS - 1].has_gauges = false;
	resource->overflow = &world->loops[index][WORLD_LOOPS - 1];
}

static void make_programs(struct world *world)
{
	static const char *const names[WORLD_PROGRAMS] = {"on_switch", "on_waking", "on_exit"};

	for (size_t i = 0; i < WORLD_PROGRAMS; i++) {
		struct program_figures *since = &world->programs_since[i];

		*since = (struct program_figures){names[i], amount(world, 40), amount(world, 50),
						  amount(world, 10)};
		world->programs[i] = *since;
		world->programs[i].run_count += amount(world, 40);
		world->programs[i].run_time_ns += amount(world, 50);
		world->programs[i].recursion_misses += amount(world, 10);
	}
	world->agent.programs = world->programs;
	world->agent.nr_programs = WORLD_PROGRAMS;
	world->agent_since.programs = world->programs_since;
	world->agent_since.nr_programs = below(world, WORLD_PROGRAMS + 1);
}

static void make_agent(struct world *world)
{
	struct agent_figures *agent = &world->agent, *since = &world->agent_since;

	for (size_t i = 0; i < nr_world_agent_figures; i++) {
		*world_agent_figure(since, i) = amount(world, 50);
		*world_agent_figure(agent, i) = *world_agent_figure(since, i) + amount(world, 50);
	}
	for (size_t i = 0; i < ARRAY_SIZE(agent->threshold_crossings); i++) {
		since->threshold_crossings[i] = amount(world, 30);
		agent->threshold_crossings[i] = since->threshold_crossings[i] + amount(world, 30);
	}
	agent->attributes = make_set(world, WORLD_RESOURCES);
	agent->start_unix_ns = instant(world);
	agent->export_duration_s = real(world);
	make_programs(world);
}

static void make_options(struct world *world)
{
	struct otlp_options *options = &world->options;
	double bound = 0x1p-12;

	options->temporality = below(world, 2);
	options->aggregation = below(world, 2);
	options->bounds_ms = world->bounds;
	options->nr_bounds = below(world, WORLD_BOUNDS + 1);
	for (size_t i = 0; i < options->nr_bounds; i++) {
		bound *= once_in(world, 2) ? (double)(2 << below(world, 5)) : 1.7;
		world->bounds[i] = bound;
	}
	options->max_request_bytes = once_in(world, 2) ? 64 << 20 : 2000 + below(world, 30000);
	options->agent_since = once_in(world, 2) ? &world->agent_since : NULL;
	options->agent_since_unix_ns = instant(world);
}

void world_make(struct world *world, uint64_t seed)
{
	memset(world, 0, sizeof(*world));
	world->random.state = seed;
	make_options(world);
	world->figures.time_unix_ns = instant(world);
	world->figures.max_series = once_in(world, 2) ? 2000 : (unsigned int)below(world, 60);
	world->figures.max_blocked_syscalls = below(world, 10);
	world->figures.max_culprits = below(world, 10);
	world->figures.resources = world->resources;
	world->figures.nr_resources = below(world, WORLD_RESOURCES + 1);
	for (size_t i = 0; i < world->figures.nr_resources; i++)
		make_resource(world, i);
	make_agent(world);
	world->figures.agent = &world->agent;
}
