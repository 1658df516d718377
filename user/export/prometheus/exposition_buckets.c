/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Cumulated counts, and runs of differences. */
#include "export/prometheus/exposition_buckets.h"

#include <math.h>

#include "model/histogram.h"

#define MS_PER_S 1e3
#define LAST_COUNT_BOUND_LOG2 10 /* 1, 2, 4 ... 1024 of whatever is counted */

/* Empty buckets between two runs that cost less than another run. */
#define GAP_MAX 2

static unsigned int ours_up_to(double bound)
{
	unsigned int nr = 0;

	while (nr < HISTOGRAM_NR_BUCKETS - 1 && histogram_bounds[nr] <= bound)
		nr++;
	return nr;
}

static void add_bound(struct classic_buckets *buckets, double bound)
{
	buckets->nr_ours[buckets->nr] = ours_up_to(bound);
	buckets->bounds[buckets->nr++] = bound;
}

void classic_buckets_make(const struct instrument *instrument, const double *bounds_ms,
			  size_t nr_bounds, struct classic_buckets *ret_buckets)
{
	const char *unit = instrument->unit;
	double divisor = unit[0] == 's' && !unit[1] ? MS_PER_S : 1;

	ret_buckets->nr = 0;
	if (unit[0] == '{') {
		for (int log = 0; log <= LAST_COUNT_BOUND_LOG2; log++)
			add_bound(ret_buckets, ldexp(1, log));
		return;
	}
	for (size_t i = 0; i < nr_bounds && i < SETTINGS_MAX_BOUNDS; i++)
		add_bound(ret_buckets, bounds_ms[i] / divisor);
}

void classic_buckets_count(const struct classic_buckets *buckets,
			   const struct point_histogram *histogram,
			   __u64 ret_counts[SETTINGS_MAX_BOUNDS])
{
	unsigned int ours = 0;
	__u64 count = 0;

	for (size_t i = 0; i < buckets->nr; i++) {
		while (ours < buckets->nr_ours[i])
			count += histogram->buckets[ours++];
		ret_counts[i] = count;
	}
}

void native_buckets_make(const struct point_histogram *histogram,
			 struct native_buckets *ret_buckets)
{
	struct native_buckets *out = ret_buckets;
	int next = 0; /* index after the last one that is in a run */
	__s64 before = 0;

	out->nr_spans = out->nr_deltas = 0;
	for (int i = 1; i < HISTOGRAM_NR_BUCKETS; i++) {
		int index = i + HISTOGRAM_MIN_BOUND, gap = index - next;
		__s64 count = (__s64)histogram->buckets[i];

		if (!count)
			continue;
		if (!out->nr_spans || gap > GAP_MAX) {
			out->spans[out->nr_spans++] = (struct native_span){gap, 1};
		} else {
			/* the gap's first bucket falls to 0, the others stay there */
			for (int j = 0; j < gap; j++) {
				out->deltas[out->nr_deltas++] = -before;
				before = 0;
			}
			out->spans[out->nr_spans - 1].length += (unsigned int)gap + 1;
		}
		out->deltas[out->nr_deltas++] = count - before;
		before = count;
		next = index + 1;
	}
}
