/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sums eight buckets to a row. */
#include "view/histogram_rows.h"

#include <math.h>
#include <string.h>

#define NS_PER_MS 1e6

void histogram_rows(const double weight[HISTOGRAM_NR_BUCKETS], double ret_rows[HISTOGRAM_NR_ROWS])
{
	memset(ret_rows, 0, HISTOGRAM_NR_ROWS * sizeof(*ret_rows));
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		ret_rows[(i + HISTOGRAM_ROW_BUCKETS - 1) / HISTOGRAM_ROW_BUCKETS] += weight[i];
}

double histogram_row_upper_ns(int row)
{
	int bound = HISTOGRAM_MIN_BOUND + row * HISTOGRAM_ROW_BUCKETS;

	if (row == HISTOGRAM_NR_ROWS - 1)
		return INFINITY;
	return ldexp(NS_PER_MS, bound / HISTOGRAM_SUBDIVISIONS);
}
