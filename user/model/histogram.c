/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Differences of cumulative histograms, and the figures read off them. All of
 * it is exact for counts and sums; a quantile is right to within its bucket,
 * which is 19 % wide.
 */
#include "model/histogram.h"

#define LAST_BUCKET (HISTOGRAM_NR_BUCKETS - 1)

/* One power of two: 2^(0/4), 2^(1/4), 2^(2/4), 2^(3/4). */
#define OCTAVE(bound)                                                              \
	(bound), (bound) * 1.1892071150027210667, (bound) * 1.4142135623730950488, \
		(bound) * 1.6817928305074290861

const double histogram_bounds[HISTOGRAM_NR_BUCKETS - 1] = {
	OCTAVE(0x1p-10), OCTAVE(0x1p-9), OCTAVE(0x1p-8), OCTAVE(0x1p-7), OCTAVE(0x1p-6),
	OCTAVE(0x1p-5),  OCTAVE(0x1p-4), OCTAVE(0x1p-3), OCTAVE(0x1p-2), OCTAVE(0x1p-1),
	OCTAVE(0x1p0),   OCTAVE(0x1p1),  OCTAVE(0x1p2),  OCTAVE(0x1p3),  OCTAVE(0x1p4),
	OCTAVE(0x1p5),   OCTAVE(0x1p6),  OCTAVE(0x1p7),  OCTAVE(0x1p8),  OCTAVE(0x1p9),
	OCTAVE(0x1p10),  OCTAVE(0x1p11), OCTAVE(0x1p12), OCTAVE(0x1p13), OCTAVE(0x1p14),
	OCTAVE(0x1p15),  0x1p16,
};

static double interpolate(__u32 index, double fraction, double unit, double max)
{
	double low = histogram_lower(index, unit);

	if (index == 0)
		return fmin(fraction * histogram_upper(0, unit), max);
	if (index == LAST_BUCKET)
		return low * pow(max / low, fraction);
	return fmin(low * exp2(fraction / HISTOGRAM_SUBDIVISIONS), max);
}

struct quantiles histogram_quantiles(const double weight[HISTOGRAM_NR_BUCKETS], double total,
				     double unit, double max)
{
	static const double levels[] = {0.50, 0.95, 0.99};
	double below = 0, values[3];
	__u32 i = 0;

	if (!(total > 0))
		return (struct quantiles){NAN, NAN, NAN};
	while (i < LAST_BUCKET && !(weight[i] > 0))
		i++;
	for (int level = 0; level < 3; level++) {
		double rank = levels[level] * total;

		while (i < LAST_BUCKET && below + weight[i] < rank)
			below += weight[i++];
		values[level] = interpolate(i, fmin((rank - below) / weight[i], 1), unit, max);
	}
	return (struct quantiles){values[0], values[1], values[2]};
}

static __u32 bucket_position(const struct window_bucket *bucket)
{
	return bucket->histogram * HISTOGRAM_NR_BUCKETS + bucket->index;
}

static void part_add(struct histogram_part *part, __u32 index, __u64 count, __u64 sum)
{
	part->histogram->count[index] += count;
	part->histogram->sum[index] += sum;
	if (index < part->first || !part->end)
		part->first = index;
	if (index >= part->end)
		part->end = index + 1;
}

void histogram_difference(struct bucket_list now, struct bucket_list since,
			  struct histogram_part parts[NR_LOOP_HISTOGRAMS])
{
	static const struct window_bucket none;
	size_t j = 0;

	for (size_t i = 0; i < now.nr; i++) {
		const struct window_bucket *bucket = &now.buckets[i], *before = &none;
		__u32 position = bucket_position(bucket);

		while (j < since.nr && bucket_position(&since.buckets[j]) < position)
			j++;
		if (j < since.nr && bucket_position(&since.buckets[j]) == position)
			before = &since.buckets[j];
		if (bucket->count > before->count)
			part_add(&parts[bucket->histogram], bucket->index,
				 bucket->count - before->count,
				 bucket->sum > before->sum ? bucket->sum - before->sum : 0);
	}
}

void histogram_add_ns(struct histogram_part *part, __u64 ns)
{
	part_add(part, histogram_index(histogram_units_from_ns(ns)), 1, ns);
}

/* The greatest value in the last bucket if all others there are as small as they can be. */
static double greatest_possible(const struct histogram_part *part, double unit)
{
	__u32 last = part->end - 1;
	double low = histogram_lower(last, unit);
	double rest = (double)(part->histogram->count[last] - 1) * low;
	double sum = (double)part->histogram->sum[last];

	return fmax(fmin(sum - rest, histogram_upper(last, unit)), low);
}

double histogram_max_ns(const struct histogram_part *part, __u64 recorded)
{
	if (!part->end)
		return NAN;
	if (recorded && histogram_index(histogram_units_from_ns(recorded)) == part->end - 1)
		return (double)recorded;
	return greatest_possible(part, HISTOGRAM_UNIT_NS);
}

double histogram_max_events(const struct histogram_part *part)
{
	return part->end ? greatest_possible(part, HISTOGRAM_UNIT_EVENTS) : NAN;
}

void distribution_derive(struct distribution *distribution, const struct histogram_part *part,
			 double unit, double max)
{
	const struct histogram *histogram = part->histogram;
	double weight[HISTOGRAM_NR_BUCKETS] = {0};
	struct quantiles quantiles;

	distribution->count = 0;
	distribution->sum = 0;
	for (__u32 i = part->first; i < part->end; i++) {
		distribution->count += histogram->count[i];
		distribution->sum += histogram->sum[i];
		weight[i] = (double)histogram->count[i];
	}
	quantiles = histogram_quantiles(weight, (double)distribution->count, unit, max);
	distribution->p50 = quantiles.p50;
	distribution->p95 = quantiles.p95;
	distribution->p99 = quantiles.p99;
	distribution->max = max;
}
