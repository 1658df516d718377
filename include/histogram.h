/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bucket bounds of every histogram, and the bucket of a value.
 *
 * Bounds are 2^(k/4), k = -40 .. 64, in the exported unit (milliseconds, or
 * events): OpenTelemetry's exponential histogram of scale 2. A bucket holds
 * values above its lower bound, up to and including its upper one. Bucket 0 is
 * everything up to 2^-10 of the unit, the last one everything above 2^16.
 *
 * Values are fixed point with 20 fractional bits ("units" below), so that the
 * same integer code runs in the kernel and on the host.
 */
#ifndef LOOPSCOPE_HISTOGRAM_H
#define LOOPSCOPE_HISTOGRAM_H

#include "types.h"

#define HISTOGRAM_SUBDIVISIONS 4  /* buckets in each power of two */
#define HISTOGRAM_MIN_BOUND (-40) /* k of the lowest bound */
#define HISTOGRAM_MAX_BOUND 64    /* k of the highest bound */
#define HISTOGRAM_NR_BUCKETS (HISTOGRAM_MAX_BOUND - HISTOGRAM_MIN_BOUND + 2)
#define HISTOGRAM_INDEX_OF_ONE (-HISTOGRAM_MIN_BOUND) /* 2^0 is the upper bound of that bucket */
#define HISTOGRAM_FRACTION_BITS 20

/* 2^40 * 2^(q/4), rounded down: an integer is above the bound iff above this */
#define HISTOGRAM_BOUND_1 1307547050779ULL
#define HISTOGRAM_BOUND_2 1554944255987ULL
#define HISTOGRAM_BOUND_3 1849150772653ULL

static inline __u32 histogram_log2(__u64 value)
{
	__u32 log = 0;

	if (value >> 32) {
		value >>= 32;
		log += 32;
	}
	if (value >> 16) {
		value >>= 16;
		log += 16;
	}
	if (value >> 8) {
		value >>= 8;
		log += 8;
	}
	if (value >> 4) {
		value >>= 4;
		log += 4;
	}
	if (value >> 2) {
		value >>= 2;
		log += 2;
	}
	return log + (value >> 1);
}

/*
 * The bucket of a value in units of 2^-20; always below HISTOGRAM_NR_BUCKETS.
 * *log_hint, any number at first, holds the power of two of the value before:
 * most values of a series share it, and then it need not be searched for.
 */
static inline __u32 histogram_index_near(__u64 units, __u8 *log_hint)
{
	__u64 scaled;
	__u32 log = *log_hint & 63;

	if (units <= (1ULL << (HISTOGRAM_FRACTION_BITS - 10)))
		return 0;
	if (units > (1ULL << (HISTOGRAM_FRACTION_BITS + 16)))
		return HISTOGRAM_NR_BUCKETS - 1;
	if ((units - 1) >> log != 1) {
		log = histogram_log2(units - 1);
		*log_hint = log;
	}
	/* log is 10 .. 35, and 2^log < units <= 2^(log+1) */
	scaled = units << (40 - log);
	return (log - 10) * HISTOGRAM_SUBDIVISIONS + 1 + (scaled > HISTOGRAM_BOUND_1) +
	       (scaled > HISTOGRAM_BOUND_2) + (scaled > HISTOGRAM_BOUND_3);
}

static inline __u32 histogram_index(__u64 units)
{
	__u8 hint = 0;

	return histogram_index_near(units, &hint);
}

/* Nanoseconds to units of 2^-20 ms; saturates above the highest bound. */
static inline __u64 histogram_units_from_ns(__u64 ns)
{
	if (ns > (1ULL << 37))
		return ~0ULL;
	return (ns * 70368744ULL) >> 26; /* 1.048576, to 3 parts in 10^9 */
}

static inline __u64 histogram_units_from_count(__u64 count)
{
	return count > (1ULL << 32) ? ~0ULL : count << HISTOGRAM_FRACTION_BITS;
}

#endif
