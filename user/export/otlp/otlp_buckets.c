/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Both walk the buckets once. */
#include "export/otlp/otlp_buckets.h"

#include <string.h>

#include "model/histogram.h"

/* The first bucket but the zero one is above 2^(-40/4). */
#define FIRST_INDEX HISTOGRAM_MIN_BOUND

struct otlp_exponential otlp_exponential(const struct point_histogram *histogram)
{
	struct otlp_exponential exponential = {.zero_count = histogram->buckets[0]};
	size_t first = 1, end = HISTOGRAM_NR_BUCKETS;

	while (end > first && !histogram->buckets[end - 1])
		end--;
	while (first < end && !histogram->buckets[first])
		first++;
	if (first < end) {
		exponential.offset = FIRST_INDEX + (int)first - 1;
		exponential.counts = &histogram->buckets[first];
		exponential.nr = end - first;
	}
	return exponential;
}

void otlp_explicit(const struct point_histogram *histogram, const double *bounds, size_t nr_bounds,
		   __u64 *ret_counts)
{
	size_t bucket = 0;

	memset(ret_counts, 0, (nr_bounds + 1) * sizeof(*ret_counts));
	for (size_t i = 0; i < HISTOGRAM_NR_BUCKETS - 1; i++) {
		while (bucket < nr_bounds && histogram_bounds[i] > bounds[bucket])
			bucket++;
		ret_counts[bucket] += histogram->buckets[i];
	}
	ret_counts[nr_bounds] += histogram->buckets[HISTOGRAM_NR_BUCKETS - 1];
}
