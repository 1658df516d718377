/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A histogram of time, made coarse enough to be drawn: each row is four times the one before. */
#ifndef LOOPSCOPE_HISTOGRAM_ROWS_H
#define LOOPSCOPE_HISTOGRAM_ROWS_H

#include "histogram.h"

#define HISTOGRAM_ROW_BUCKETS (2 * HISTOGRAM_SUBDIVISIONS)
#define HISTOGRAM_NR_ROWS ((HISTOGRAM_NR_BUCKETS - 2) / HISTOGRAM_ROW_BUCKETS + 2)

_Static_assert((HISTOGRAM_NR_BUCKETS - 2) % HISTOGRAM_ROW_BUCKETS == 0, "rows of whole buckets");

/* The first and the last row hold the under- and overflow bucket alone. */
void histogram_rows(const double weight[HISTOGRAM_NR_BUCKETS], double ret_rows[HISTOGRAM_NR_ROWS]);

/* The row's upper bound, inclusive, and the next one's lower; infinite for the last. */
double histogram_row_upper_ns(int row);

#endif
