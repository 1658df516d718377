/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Figures made up for the tests of encoders: a Redis with one loop, a Node with
 * two, and the agent. Always the same.
 */
#ifndef LOOPSCOPE_TESTS_EXAMPLE_FIGURES_H
#define LOOPSCOPE_TESTS_EXAMPLE_FIGURES_H

#include "export/figures.h"

#define EXAMPLE_START_NS 1760000000000000000ULL
#define EXAMPLE_SINCE_NS (EXAMPLE_START_NS + 50000000000ULL)
#define EXAMPLE_TIME_NS (EXAMPLE_START_NS + 60000000000ULL)

/*
 * In static memory: each call makes it anew. The first resource is redis-server: a loop that has
 * blocked in fsync, write and futex, and whose interval is complete; a delta reader has half of it.
 * The second is node: `node`, whose first interval is not complete (utilization NaN) and which no
 * delta reader has; and a worker whose name is "work\"er\\\n1", which has ended.
 */
struct figures *example_figures(void);

/* What a delta reader has of the agent, at EXAMPLE_SINCE_NS. */
const struct agent_figures *example_agent_since(void);

#endif
