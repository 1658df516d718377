/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent's own instruments say. */
#include <string.h>

#include "export/points.h"

static const void *figure(const void *of, const struct agent_walk *walk)
{
	return (const char *)of + walk->walk.instrument->source->offset;
}

int points_agent_up(struct agent_walk *walk)
{
	return point_walk_value(&walk->walk, 1);
}

int points_agent_total(struct agent_walk *walk)
{
	const __u64 *now = figure(walk->agent, walk), *since = figure(walk->since, walk);

	return point_walk_value(&walk->walk, *now - *since);
}

int points_agent_now(struct agent_walk *walk)
{
	const __u64 *now = figure(walk->agent, walk);

	return point_walk_value(&walk->walk, *now);
}

int points_agent_gauge(struct agent_walk *walk)
{
	const double *now = figure(walk->agent, walk);

	return point_walk_number(&walk->walk, *now);
}

/* By the names that the thresholds have in the configuration. */
int points_agent_crossings(struct agent_walk *walk)
{
	static const char *const names[] = {"lag_p95_ms", "utilization", "stall_age_ms"};
	struct point_part parts[sizeof(names) / sizeof(*names)];
	size_t nr = sizeof(names) / sizeof(*names);

	for (size_t i = 0; i < nr; i++)
		parts[i] =
			(struct point_part){names[i], walk->agent->threshold_crossings[i] -
							      walk->since->threshold_crossings[i]};
	return point_walk_parts(&walk->walk, "threshold", parts, nr);
}

int points_agent_cpu_time(struct agent_walk *walk)
{
	const struct point_part parts[] = {
		{"user", walk->agent->cpu_user_ns - walk->since->cpu_user_ns},
		{"system", walk->agent->cpu_system_ns - walk->since->cpu_system_ns},
	};

	return point_walk_parts(&walk->walk, "cpu.mode", parts, 2);
}

/* The program that bears the same name in what a delta reader has. */
static const struct program_figures *program_since(const struct agent_figures *since,
						   const char *name)
{
	static const struct program_figures none;

	for (size_t i = 0; i < since->nr_programs; i++) {
		if (!strcmp(since->programs[i].name, name))
			return &since->programs[i];
	}
	return &none;
}

static int walk_programs(struct agent_walk *walk, bool counted_only)
{
	int err = 0;

	for (size_t i = 0; i < walk->agent->nr_programs && !err; i++) {
		const struct program_figures *program = &walk->agent->programs[i];
		const struct program_figures *since = program_since(walk->since, program->name);
		const __u64 *value = figure(program, walk), *had = figure(since, walk);

		if (program->run_count || !counted_only)
			err = point_walk_parts(&walk->walk, "bpf.program.name",
					       &(struct point_part){program->name, *value - *had},
					       1);
	}
	return err;
}

int points_agent_program(struct agent_walk *walk)
{
	return walk_programs(walk, false);
}

/* Where the kernel does not count runs, there is nothing to say about them. */
int points_agent_program_runs(struct agent_walk *walk)
{
	return walk_programs(walk, true);
}
