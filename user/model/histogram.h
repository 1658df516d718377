/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What user space reads off a histogram: bounds, maximum, quantiles. The
 * buckets are those of include/histogram.h.
 *
 * Bounds are powers of 2^(1/4) of the exported unit; `unit` converts them to
 * what sums and maxima are in.
 */
#ifndef LOOPSCOPE_MODEL_HISTOGRAM_H
#define LOOPSCOPE_MODEL_HISTOGRAM_H

#include <math.h>
#include <stddef.h>

#include "report.h"

#define HISTOGRAM_UNIT_NS 1e6     /* histograms of time: bounds in ms, values in ns */
#define HISTOGRAM_UNIT_EVENTS 1.0 /* of events: both in events */

/* Those between one bucket and the next, in the exported unit. */
extern const double histogram_bounds[HISTOGRAM_NR_BUCKETS - 1];

/* A bucket holds values above its lower bound, up to and including its upper one. */
static inline double histogram_lower(__u32 index, double unit)
{
	return index ? histogram_bounds[index - 1] * unit : 0;
}

static inline double histogram_upper(__u32 index, double unit)
{
	return index < HISTOGRAM_NR_BUCKETS - 1 ? histogram_bounds[index] * unit : INFINITY;
}

struct quantiles {
	double p50, p95, p99;
};

/*
 * Quantiles of values whose weight in each bucket is given, and in all:
 * exponential interpolation within a bucket, linear from 0 in the first, up to
 * `max` in the last, and never above `max`. NaN if there is no weight.
 */
struct quantiles histogram_quantiles(const double weight[HISTOGRAM_NR_BUCKETS], double total,
				     double unit, double max);

/* The cumulative buckets of a loop, as its record has them: those not empty, in order. */
struct bucket_list {
	const struct window_bucket *buckets;
	size_t nr;
};

/* A histogram being put together, and which of its buckets are in use. */
struct histogram_part {
	struct histogram *histogram;
	__u32 first, end; /* first .. end - 1; 0, 0 if none is */
};

/*
 * Adds what `now` holds and `since` did not yet to the histogram of each kind
 * (enum loop_histogram). No count and no sum goes below 0.
 */
void histogram_difference(struct bucket_list now, struct bucket_list since,
			  struct histogram_part parts[NR_LOOP_HISTOGRAMS]);

/* Counts one more value. */
void histogram_add_ns(struct histogram_part *part, __u64 ns);

/*
 * The greatest value of a histogram; NaN if it is empty. `recorded` is believed
 * if it lies in the last bucket in use. Otherwise it was lost with its record,
 * or never kept: then as much as that bucket's count and sum allow.
 */
double histogram_max_ns(const struct histogram_part *part, __u64 recorded);
double histogram_max_events(const struct histogram_part *part);

/* Fills in what is derived from the distribution's histogram, `part`, and its greatest value. */
void distribution_derive(struct distribution *distribution, const struct histogram_part *part,
			 double unit, double max);

#endif
