/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stalls as a flame graph: an SVG of its own, with all it needs inside. Width is time of stalls,
 * colour is cause; frames that are not of the application are paler. In a browser it can be
 * zoomed and searched; where scripts do not run, it is the same picture, at rest.
 *
 * Frames too narrow to be seen are left out, and all but so many of the widest: the picture says
 * how many.
 */
#ifndef LOOPSCOPE_FLAMEGRAPH_H
#define LOOPSCOPE_FLAMEGRAPH_H

#include <stdio.h>

#include "view/pictured.h"
#include "view/stall_tree.h"

#define FLAMEGRAPH_MAX_FRAMES 20000

/* Of a finished tree. -ENOMEM; what writing fails with is left to ferror. */
int flamegraph_write(FILE *out, const struct stall_tree *tree, const struct pictured_host *host);

#endif
