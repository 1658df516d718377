/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures of any number of loops, each of its own process: made up, but as busy as real ones. */
#ifndef LOOPSCOPE_TESTS_MANY_FIGURES_H
#define LOOPSCOPE_TESTS_MANY_FIGURES_H

#include "export/figures.h"

struct many_figures;

/* The same for the same number. The agent's are those of example_figures(). */
struct many_figures *many_figures_new(size_t nr_loops);
void many_figures_free(struct many_figures *many);
const struct figures *many_figures_get(const struct many_figures *many);

#endif
