/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures read off a histogram: quantiles, maximum, totals, differences. */
#include "unit.h"

#include <stdlib.h>

#include "model/histogram.h"

#define OVERFLOW_BUCKET (HISTOGRAM_NR_BUCKETS - 1)

static struct distribution distribution_of(const uint64_t *values, size_t nr)
{
	struct distribution distribution = {0};
	struct histogram_part part = {.histogram = &distribution.histogram};
	uint64_t max = 0;

	for (size_t i = 0; i < nr; i++) {
		histogram_add_ns(&part, values[i]);
		max = values[i] > max ? values[i] : max;
	}
	distribution_derive(&distribution, &part, HISTOGRAM_UNIT_NS, histogram_max_ns(&part, max));
	return distribution;
}

static struct quantiles quantiles_of(const double weight[HISTOGRAM_NR_BUCKETS], double max)
{
	double total = 0;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		total += weight[i];
	return histogram_quantiles(weight, total, HISTOGRAM_UNIT_NS, max);
}

static void test_empty(void **state)
{
	struct distribution distribution = distribution_of(NULL, 0);

	(void)state;
	assert_int_equal(distribution.count, 0);
	assert_int_equal(distribution.sum, 0);
	assert_nan(distribution.p50);
	assert_nan(distribution.p95);
	assert_nan(distribution.p99);
	assert_nan(distribution.max);
}

static void test_exponential_within_a_bucket(void **state)
{
	double weight[HISTOGRAM_NR_BUCKETS] = {[50] = 100};
	double low = histogram_lower(50, HISTOGRAM_UNIT_NS);
	double high = histogram_upper(50, HISTOGRAM_UNIT_NS);
	struct quantiles quantiles = quantiles_of(weight, high);

	(void)state;
	assert_near(quantiles.p50, low * pow(high / low, 0.50), 1e-6);
	assert_near(quantiles.p95, low * pow(high / low, 0.95), 1e-6);
	assert_near(quantiles.p99, low * pow(high / low, 0.99), 1e-6);
}

static void test_across_buckets(void **state)
{
	double weight[HISTOGRAM_NR_BUCKETS] = {[10] = 50, [20] = 45, [30] = 5};
	struct quantiles quantiles = quantiles_of(weight, 1e12);
	double low = histogram_lower(30, HISTOGRAM_UNIT_NS);
	double high = histogram_upper(30, HISTOGRAM_UNIT_NS);

	(void)state;
	assert_near(quantiles.p50, histogram_upper(10, HISTOGRAM_UNIT_NS), 1e-6);
	assert_near(quantiles.p95, histogram_upper(20, HISTOGRAM_UNIT_NS), 1e-6);
	assert_near(quantiles.p99, low * pow(high / low, 4.0 / 5), 1e-3);
}

static void test_linear_in_the_first_bucket(void **state)
{
	double weight[HISTOGRAM_NR_BUCKETS] = {[0] = 8};
	struct quantiles quantiles = quantiles_of(weight, 1e6);

	(void)state;
	assert_near(quantiles.p50, 976.5625 * 0.50, 1e-9);
	assert_near(quantiles.p99, 976.5625 * 0.99, 1e-9);
}

static void test_overflow_goes_up_to_max(void **state)
{
	double weight[HISTOGRAM_NR_BUCKETS] = {[OVERFLOW_BUCKET] = 2};
	double low = 65536e6, max = 90000e6;
	struct quantiles quantiles = quantiles_of(weight, max);

	(void)state;
	assert_near(quantiles.p50, sqrt(low * max), 1);
	assert_near(quantiles.p99, low * pow(max / low, 0.99), 1);
}

static void test_capped_at_max(void **state)
{
	uint64_t values[] = {1, 1001 * US, 1002 * US};
	struct distribution distribution = distribution_of(values, ARRAY_SIZE(values));

	(void)state;
	assert_near(distribution.max, 1002e3, 0);
	assert_near(distribution.p95, 1002e3, 0);
	assert_near(distribution.p99, 1002e3, 0);
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static void assert_in_bucket_of(double quantile, uint64_t truth)
{
	uint32_t bucket = histogram_index(histogram_units_from_ns(truth));

	assert_true(quantile >= histogram_lower(bucket, HISTOGRAM_UNIT_NS) - 1);
	assert_true(quantile <= histogram_upper(bucket, HISTOGRAM_UNIT_NS) + 1);
}

static void test_random_values(void **state)
{
	enum { NR = 2001 };
	struct random random = {3};
	uint64_t values[NR];

	(void)state;
	for (int round = 0; round < 50; round++) {
		struct distribution distribution;
		uint64_t sum = 0;

		for (int i = 0; i < NR; i++)
			sum += values[i] = random_scale(&random, 38);
		qsort(values, NR, sizeof(values[0]), by_value);
		distribution = distribution_of(values, NR);
		assert_int_equal(distribution.count, NR);
		assert_int_equal(distribution.sum, sum);
		assert_near(distribution.max, values[NR - 1], 0);
		assert_in_bucket_of(distribution.p50, values[NR * 50 / 100]);
		assert_in_bucket_of(distribution.p95, values[NR * 95 / 100]);
		assert_in_bucket_of(distribution.p99, values[NR * 99 / 100]);
	}
}

static void test_max_that_was_lost(void **state)
{
	struct histogram histogram = {0};
	struct histogram_part part = {.histogram = &histogram};

	(void)state;
	assert_nan(histogram_max_ns(&part, 1 * MS));
	histogram_add_ns(&part, 500);
	assert_near(histogram_max_ns(&part, 0), 500, 0);
	histogram_add_ns(&part, 3 * MS);
	assert_near(histogram_max_ns(&part, 3 * MS), 3e6, 0);
	assert_near(histogram_max_ns(&part, 0), 3e6, 0);
	assert_near(histogram_max_ns(&part, 1 * MS), 3e6, 0);
	assert_near(histogram_max_ns(&part, 100 * MS), 3e6, 0);

	/* two in the bucket above 2828 us: one cannot be more than their sum leaves */
	histogram_add_ns(&part, 2900 * US);
	assert_near(histogram_max_ns(&part, 0), 5900e3 - pow(2, 1.5) * 1e6, 1e-3);
	for (int i = 0; i < 10; i++)
		histogram_add_ns(&part, 3 * MS);
	assert_near(histogram_max_ns(&part, 0), pow(2, 1.75) * 1e6, 1e-3);
}

static void test_max_of_events(void **state)
{
	struct histogram histogram = {.count = {[0] = 3}};
	struct histogram_part part = {.histogram = &histogram};

	(void)state;
	assert_nan(histogram_max_events(&part));
	part.end = 1;
	assert_near(histogram_max_events(&part), 0, 0);
	histogram.count[40] = 1;
	histogram.sum[40] = 1;
	part.end = 41;
	assert_near(histogram_max_events(&part), 1, 0);
}

static void test_difference(void **state)
{
	const struct window_bucket since[] = {
		{HISTOGRAM_BUSY, 5, 0, 10, 100},
		{HISTOGRAM_BUSY, 7, 0, 4, 40},
		{HISTOGRAM_WAKE, 5, 0, 1, 9},
	};
	const struct window_bucket now[] = {
		{HISTOGRAM_BUSY, 4, 0, 1, 3},  {HISTOGRAM_BUSY, 5, 0, 12, 130},
		{HISTOGRAM_BUSY, 7, 0, 4, 40}, {HISTOGRAM_POLL, 5, 0, 2, 8},
		{HISTOGRAM_WAKE, 5, 0, 3, 5},
	};
	struct histogram histograms[NR_LOOP_HISTOGRAMS] = {0};
	struct histogram_part parts[NR_LOOP_HISTOGRAMS] = {0};

	(void)state;
	for (int i = 0; i < NR_LOOP_HISTOGRAMS; i++)
		parts[i].histogram = &histograms[i];
	histogram_difference((struct bucket_list){now, ARRAY_SIZE(now)},
			     (struct bucket_list){since, ARRAY_SIZE(since)}, parts);
	assert_int_equal(histograms[HISTOGRAM_BUSY].count[4], 1);
	assert_int_equal(histograms[HISTOGRAM_BUSY].sum[4], 3);
	assert_int_equal(histograms[HISTOGRAM_BUSY].count[5], 2);
	assert_int_equal(histograms[HISTOGRAM_BUSY].sum[5], 30);
	assert_int_equal(histograms[HISTOGRAM_BUSY].count[7], 0);
	assert_int_equal(histograms[HISTOGRAM_POLL].count[5], 2);
	assert_int_equal(histograms[HISTOGRAM_WAKE].count[5], 2);
	assert_int_equal(histograms[HISTOGRAM_WAKE].sum[5], 0); /* ran backwards: not below 0 */
	assert_int_equal(parts[HISTOGRAM_BUSY].first, 4);
	assert_int_equal(parts[HISTOGRAM_BUSY].end, 6);
	assert_int_equal(parts[HISTOGRAM_EVENTS].end, 0);
}

int main(void)
{
	const struct CMUnitTest quantile[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_exponential_within_a_bucket),
		cmocka_unit_test(test_across_buckets),
		cmocka_unit_test(test_linear_in_the_first_bucket),
		cmocka_unit_test(test_overflow_goes_up_to_max),
		cmocka_unit_test(test_capped_at_max),
		cmocka_unit_test(test_random_values),
		cmocka_unit_test(test_max_that_was_lost),
		cmocka_unit_test(test_max_of_events),
		cmocka_unit_test(test_difference),
	};

	return cmocka_run_group_tests(quantile, NULL, NULL);
}
