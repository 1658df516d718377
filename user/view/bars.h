/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bars drawn with characters. */
#ifndef LOOPSCOPE_BARS_H
#define LOOPSCOPE_BARS_H

#include <stdbool.h>

#define BAR_MAX_CELLS 60
#define BAR_LEN (3 * BAR_MAX_CELLS + 1) /* a block is three bytes of UTF-8 */

/*
 * A bar as long as `fraction` (0 .. 1, else taken as the nearer of them) of
 * `cells`, filled up with spaces; what is not 0 shows. Returns buffer.
 */
const char *bar_draw(char buffer[BAR_LEN], double fraction, int cells, bool unicode);

/*
 * Shares out `cells` in proportion to nr parts, by largest remainder; all 0 if
 * the parts are.
 */
void bar_stack(const double *parts, int nr, int cells, int *ret_cells);

#endif
