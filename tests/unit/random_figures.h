/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Random figures and what they are encoded with, for tests/export/; all in one struct. */
#ifndef LOOPSCOPE_TESTS_RANDOM_FIGURES_H
#define LOOPSCOPE_TESTS_RANDOM_FIGURES_H

#include <stdint.h>
#include <stdio.h>

#include "export/otlp/otlp.h"
#include "random.h"

#define WORLD_RESOURCES 4
#define WORLD_LOOPS 7 /* of a resource; the last is the overflow */
#define WORLD_ATTRIBUTES 6
#define WORLD_TEXTS 1024
#define WORLD_TEXT_LEN 32
#define WORLD_PROGRAMS 3
#define WORLD_BOUNDS 8
#define WORLD_CULPRITS 3

struct world_loop {
	struct attribute attributes[WORLD_ATTRIBUTES];
	struct loop_totals totals, since;
	struct loop_exemplar exemplar;
	struct loop_culprit culprits[WORLD_CULPRITS];
};

struct world {
	struct random random;
	struct figures figures;
	struct otlp_options options;
	struct resource_figures resources[WORLD_RESOURCES];
	struct attributes sets[WORLD_RESOURCES + 1];
	struct attribute attributes[WORLD_RESOURCES + 1][WORLD_ATTRIBUTES];
	struct loop_figures loops[WORLD_RESOURCES][WORLD_LOOPS];
	struct world_loop owned[WORLD_RESOURCES][WORLD_LOOPS];
	unsigned int ordinals[WORLD_RESOURCES][WORLD_LOOPS];
	struct agent_figures agent, agent_since;
	struct program_figures programs[WORLD_PROGRAMS], programs_since[WORLD_PROGRAMS];
	double bounds[WORLD_BOUNDS];
	char texts[WORLD_TEXTS][WORLD_TEXT_LEN];
	const char *items[WORLD_TEXTS];
	size_t nr_texts;
};

/* The figures of agent_figures that are a number each. */
extern const struct world_agent_figure {
	const char *name;
	size_t offset; /* of a __u64 */
} world_agent_figures[];
extern const size_t nr_world_agent_figures;

static inline __u64 *world_agent_figure(const struct agent_figures *agent, size_t index)
{
	return (__u64 *)((char *)agent + world_agent_figures[index].offset);
}

/* The same world for the same seed. */
void world_make(struct world *world, uint64_t seed);

/* All of it as plain JSON: texts in hexadecimal digits, doubles as C writes them with %a. */
void world_dump(FILE *out, const struct world *world);

#endif
