/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An arrival during a busy interval of length B waits uniformly in (0, B]. Of a
 * longer interval than bucket (l, u] holds, u - l of the arrivals fall into
 * that bucket; of one within it, B - l. The latter sum to the bucket's sum less
 * l for each interval, so the weights are exact at bucket bounds.
 */
#include "model/lag.h"

#include <math.h>

static void lag_add_busy(const struct histogram_part *busy, struct lag *lag)
{
	__u64 longer = 0;

	for (__u32 i = busy->end; i-- > 0;) {
		double low = histogram_lower(i, HISTOGRAM_UNIT_NS), within;
		__u64 count = busy->histogram->count[i];

		if (longer)
			lag->time_ns[i] =
				(double)longer * (histogram_upper(i, HISTOGRAM_UNIT_NS) - low);
		if (count) {
			/* a bucket takes values up to a nanosecond off its bounds */
			within = (double)busy->histogram->sum[i] - (double)count * low;
			lag->time_ns[i] += within > 0 ? within : 0;
		}
		longer += count;
	}
}

static void lag_add_poll(const struct histogram_part *wake, double poll_ns, struct lag *lag)
{
	__u64 count = 0;

	for (__u32 i = wake->first; i < wake->end; i++)
		count += wake->histogram->count[i];
	if (!count)
		lag->time_ns[0] += poll_ns;
	for (__u32 i = wake->first; i < wake->end; i++)
		lag->time_ns[i] += (double)wake->histogram->count[i] * (poll_ns / (double)count);
}

void lag_derive(const struct histogram_part *busy, const struct histogram_part *wake, __u64 poll_ns,
		double max, struct lag *ret_lag)
{
	struct quantiles quantiles;

	*ret_lag = (struct lag){.total_ns = 0};
	lag_add_busy(busy, ret_lag);
	lag_add_poll(wake, (double)poll_ns, ret_lag);
	for (__u32 i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		ret_lag->total_ns += ret_lag->time_ns[i];
	if (!(ret_lag->total_ns > 0))
		ret_lag->max = NAN;
	else
		ret_lag->max = isnan(max) ? 0 : max;
	quantiles = histogram_quantiles(ret_lag->time_ns, ret_lag->total_ns, HISTOGRAM_UNIT_NS,
					ret_lag->max);
	ret_lag->p50 = quantiles.p50;
	ret_lag->p95 = quantiles.p95;
	ret_lag->p99 = quantiles.p99;
}
