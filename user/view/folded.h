/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stalls as folded stacks: "process;thread;cause;outermost;...;innermost weight", one a line, the
 * weight in microseconds. What tools that draw flame graphs read.
 */
#ifndef LOOPSCOPE_FOLDED_H
#define LOOPSCOPE_FOLDED_H

#include <stdio.h>

#include "view/stall_tree.h"

/* Of a finished tree. -ENOMEM; what writing fails with is left to ferror. */
int folded_write(FILE *out, const struct stall_tree *tree);

#endif
