/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Our buckets as Prometheus has them. Native ones without loss: schema 2 has the
 * bounds 2^(i/4) that ours have. Classic ones at given bounds: exact where a bound
 * is one of ours, else they count up to the nearest of ours below.
 */
#ifndef LOOPSCOPE_EXPOSITION_BUCKETS_H
#define LOOPSCOPE_EXPOSITION_BUCKETS_H

#include "config/settings/settings.h"
#include "export/instruments.h"

#define NATIVE_SCHEMA 2
#define NATIVE_ZERO_THRESHOLD 0x1p-10 /* what bucket 0 holds */

struct classic_buckets {
	size_t nr; /* without +Inf */
	double bounds[SETTINGS_MAX_BOUNDS];
	unsigned int nr_ours[SETTINGS_MAX_BOUNDS]; /* how many of ours lie up to the bound */
};

/* In the unit of the instrument: time at the bounds given, counts at powers of two. */
void classic_buckets_make(const struct instrument *instrument, const double *bounds_ms,
			  size_t nr_bounds, struct classic_buckets *ret_buckets);

/* Values up to each bound. */
void classic_buckets_count(const struct classic_buckets *buckets,
			   const struct point_histogram *histogram,
			   __u64 ret_counts[SETTINGS_MAX_BOUNDS]);

/* A run of buckets, all in `deltas`: how many indices lie between the run before and this one. */
struct native_span {
	int offset; /* of the first: its index */
	unsigned int length;
};

/* Each count less the one before it; bucket i has the upper bound 2^(i/4). */
struct native_buckets {
	struct native_span spans[HISTOGRAM_NR_BUCKETS];
	size_t nr_spans;
	__s64 deltas[HISTOGRAM_NR_BUCKETS];
	size_t nr_deltas;
};

void native_buckets_make(const struct point_histogram *histogram,
			 struct native_buckets *ret_buckets);

#endif
