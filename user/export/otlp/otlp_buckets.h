/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Our buckets as OTLP has them: exponential ones without loss, explicit ones as near as they go. */
#ifndef LOOPSCOPE_OTLP_BUCKETS_H
#define LOOPSCOPE_OTLP_BUCKETS_H

#include "export/instruments.h"

#define OTLP_SCALE 2 /* base 2^(1/4) */
#define OTLP_ZERO_THRESHOLD 0x1p-10

/*
 * Index i of OTLP holds values above base^i, up to and including base^(i+1), which is what our
 * buckets hold: the first, up to 2^-10 of the unit, is the zero bucket, and the last, above
 * 2^16, the one that begins there. Empty buckets at both ends are left out.
 */
struct otlp_exponential {
	int offset;          /* index of counts[0] */
	const __u64 *counts; /* in the histogram; none if nr is 0 */
	size_t nr;
	__u64 zero_count;
};

struct otlp_exponential otlp_exponential(const struct point_histogram *histogram);

/*
 * Counts up to and including each of the bounds, and above the last: nr_bounds + 1 of them.
 * A bucket of ours is counted where its upper bound lies. That is exact for bounds that are
 * ours too, 2^(k/4); with others values may come out too high by less than a bucket of ours.
 */
void otlp_explicit(const struct point_histogram *histogram, const double *bounds, size_t nr_bounds,
		   __u64 *ret_counts);

#endif
