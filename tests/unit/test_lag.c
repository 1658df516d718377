/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lag against brute force: an arrival in each microsecond, and what it waits. */
#include "unit.h"

#include "model/lag.h"

/* Intervals, as their histogram tells of them. */
struct intervals {
	struct histogram histogram;
	struct histogram_part part;
	uint64_t sum;
	double max;
};

static void intervals_start(struct intervals *intervals)
{
	*intervals = (struct intervals){.max = NAN};
	intervals->part.histogram = &intervals->histogram;
}

static void intervals_add(struct intervals *intervals, uint64_t ns)
{
	histogram_add_ns(&intervals->part, ns);
	intervals->sum += ns;
	intervals->max = fmax(intervals->max, ns);
}

static struct lag lag_of(const struct intervals *busy, const struct intervals *wake,
			 uint64_t poll_ns)
{
	struct lag lag;

	lag_derive(&busy->part, &wake->part, poll_ns, fmax(busy->max, wake->max), &lag);
	return lag;
}

static uint32_t bucket_of(uint64_t ns)
{
	return histogram_index(histogram_units_from_ns(ns));
}

/* Each arrival stands for the microsecond around it. */
static void arrive_throughout(uint64_t busy_ns, double time_ns[HISTOGRAM_NR_BUCKETS])
{
	for (uint64_t at = US / 2; at < busy_ns; at += US)
		time_ns[bucket_of(busy_ns - at)] += US;
}

/* Of the weights' sum, the bucket that the quantile is in. */
static uint32_t quantile_bucket(const double time_ns[HISTOGRAM_NR_BUCKETS], double quantile)
{
	double total = 0, below = 0;
	uint32_t bucket = 0;

	for (uint32_t i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		total += time_ns[i];
	while (below + time_ns[bucket] < quantile * total)
		below += time_ns[bucket++];
	return bucket;
}

static void assert_same_bucket(double quantile_ns, const double truth[HISTOGRAM_NR_BUCKETS],
			       double quantile)
{
	uint32_t bucket = quantile_bucket(truth, quantile);

	assert_true(quantile_ns >= histogram_lower(bucket, HISTOGRAM_UNIT_NS) * 0.999);
	assert_true(quantile_ns <= histogram_upper(bucket, HISTOGRAM_UNIT_NS) * 1.001);
}

static void test_against_arrivals(void **state)
{
	enum { NR = 60 };
	struct random random = {4};
	struct intervals busy, wake;

	(void)state;
	for (int round = 0; round < 100; round++) {
		double truth[HISTOGRAM_NR_BUCKETS] = {0}, above = 0, above_truth = 0;
		uint64_t poll_ns = random_below(&random, 1000 * MS);
		struct lag lag;

		intervals_start(&busy);
		intervals_start(&wake);
		for (int i = 0; i < NR; i++) {
			uint64_t busy_ns = 10 * US + random_scale(&random, 27);
			uint64_t wake_ns = random_scale(&random, 24);

			intervals_add(&busy, busy_ns);
			arrive_throughout(busy_ns, truth);
			intervals_add(&wake, wake_ns);
			truth[bucket_of(wake_ns)] += poll_ns / (double)NR;
		}
		lag = lag_of(&busy, &wake, poll_ns);
		for (uint32_t i = HISTOGRAM_NR_BUCKETS; i-- > 0;) {
			assert_near(lag.time_ns[i], truth[i], NR * 1.01 * US);
			above += lag.time_ns[i];
			above_truth += truth[i];
			assert_near(above, above_truth, NR * 1.01 * US);
		}
		assert_near(lag.total_ns, busy.sum + poll_ns, 1);
		assert_near(lag.max, fmax(busy.max, wake.max), 0);
		assert_same_bucket(lag.p50, truth, 0.50);
		assert_same_bucket(lag.p95, truth, 0.95);
		assert_same_bucket(lag.p99, truth, 0.99);
	}
}

/* A second's stall among 99 seconds of 1 ms each weighs a hundredth: p99 sees it begin. */
static void test_one_stall_weighs_its_length(void **state)
{
	struct intervals busy, wake;
	struct lag lag;

	(void)state;
	intervals_start(&busy);
	intervals_start(&wake);
	for (int i = 0; i < 99000; i++)
		intervals_add(&busy, 1 * MS);
	lag = lag_of(&busy, &wake, 0);
	assert_true(lag.p99 <= 1e6);
	intervals_add(&busy, 1000 * MS);
	lag = lag_of(&busy, &wake, 0);
	assert_near(lag.total_ns, 100e9, 1);
	assert_near(lag.max, 1e9, 0);
	assert_true(lag.p95 <= 1e6);
	for (uint32_t i = bucket_of(1 * MS) + 1; i < bucket_of(1000 * MS); i++) {
		double width = histogram_upper(i, HISTOGRAM_UNIT_NS) -
			       histogram_lower(i, HISTOGRAM_UNIT_NS);

		assert_near(lag.time_ns[i], width, 1e-3);
	}
}

static void test_only_polls(void **state)
{
	struct intervals busy, wake;
	struct lag lag;

	(void)state;
	intervals_start(&busy);
	intervals_start(&wake);
	lag = lag_of(&busy, &wake, 700 * MS);
	assert_near(lag.total_ns, 700e6, 0);
	assert_near(lag.time_ns[0], 700e6, 0);
	assert_near(lag.p99, 0, 0);
	assert_near(lag.max, 0, 0);

	intervals_add(&wake, 2 * MS);
	intervals_add(&wake, 2 * MS);
	lag = lag_of(&busy, &wake, 700 * MS);
	assert_near(lag.time_ns[0], 0, 0);
	assert_near(lag.time_ns[bucket_of(2 * MS)], 700e6, 1e-3);
	assert_near(lag.max, 2e6, 0);
}

static void test_nothing_at_all(void **state)
{
	struct intervals busy, wake;
	struct lag lag;

	(void)state;
	intervals_start(&busy);
	intervals_start(&wake);
	lag = lag_of(&busy, &wake, 0);
	assert_near(lag.total_ns, 0, 0);
	assert_nan(lag.p50);
	assert_nan(lag.max);
}

static void test_longer_than_every_bound(void **state)
{
	struct intervals busy, wake;
	struct lag lag;

	(void)state;
	intervals_start(&busy);
	intervals_start(&wake);
	intervals_add(&busy, 100000 * MS);
	lag = lag_of(&busy, &wake, 0);
	assert_near(lag.time_ns[HISTOGRAM_NR_BUCKETS - 1], 100000e6 - 65536e6, 1e-3);
	assert_near(lag.total_ns, 100000e6, 1e-3);
	assert_near(lag.p99, 65536e6 * pow(100000.0 / 65536, 33464.0 / 34464), 1e3);
}

int main(void)
{
	const struct CMUnitTest lag[] = {
		cmocka_unit_test(test_against_arrivals),
		cmocka_unit_test(test_one_stall_weighs_its_length),
		cmocka_unit_test(test_only_polls),
		cmocka_unit_test(test_nothing_at_all),
		cmocka_unit_test(test_longer_than_every_bound),
	};

	return cmocka_run_group_tests(lag, NULL, NULL);
}
