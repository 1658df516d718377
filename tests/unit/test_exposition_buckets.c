/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Native buckets are ours, bound for bound; classic ones count what surely lies below. */
#include "unit.h"

#include <string.h>

#include "export/prometheus/exposition_buckets.h"
#include "model/histogram.h"

/* Our buckets again, from spans and deltas: those of index -39 on. */
static void unpack(const struct native_buckets *native, __u64 counts[HISTOGRAM_NR_BUCKETS])
{
	__s64 count = 0;
	int index = 0;
	size_t next = 0;

	memset(counts, 0, HISTOGRAM_NR_BUCKETS * sizeof(counts[0]));
	for (size_t i = 0; i < native->nr_spans; i++) {
		index += native->spans[i].offset;
		assert_true(!i || native->spans[i].offset > 0);
		assert_true(native->spans[i].length > 0);
		for (unsigned int j = 0; j < native->spans[i].length; j++, index++) {
			assert_in_range(index - HISTOGRAM_MIN_BOUND, 1, HISTOGRAM_NR_BUCKETS - 1);
			count += native->deltas[next++];
			assert_true(count >= 0);
			counts[index - HISTOGRAM_MIN_BOUND] = (__u64)count;
		}
	}
	assert_int_equal(next, native->nr_deltas);
}

/* Prometheus says that bucket i of schema 2 ends at 2^(i/4), and 0 is no exception. */
static void native_bounds_are_ours(void **state)
{
	(void)state;
	for (int i = 1; i < HISTOGRAM_NR_BUCKETS - 1; i++) {
		struct point_histogram histogram = {.count = 1};
		struct native_buckets native;

		histogram.buckets[i] = 1;
		native_buckets_make(&histogram, &native);
		assert_int_equal(native.nr_spans, 1);
		assert_int_equal(native.spans[0].length, 1);
		assert_near(histogram_bounds[i], exp2(native.spans[0].offset / 4.0),
			    histogram_bounds[i] * 1e-15);
	}
	assert_true(histogram_bounds[0] == NATIVE_ZERO_THRESHOLD);
}

static void native_buckets_lose_nothing(void **state)
{
	struct random random = {.state = 11};

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct point_histogram histogram = {};
		__u64 counts[HISTOGRAM_NR_BUCKETS];
		struct native_buckets native;
		uint64_t sparse = 1 + random_below(&random, 12);

		for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
			if (!random_below(&random, sparse))
				histogram.buckets[i] = random_scale(&random, 50);
		}
		native_buckets_make(&histogram, &native);
		unpack(&native, counts);
		counts[0] = histogram.buckets[0]; /* is the zero count */
		assert_memory_equal(counts, histogram.buckets, sizeof(counts));
	}
}

static void short_gaps_are_bridged(void **state)
{
	struct point_histogram histogram = {.buckets = {[10] = 5, [13] = 2, [17] = 4, [105] = 9}};
	struct native_buckets native;

	(void)state;
	native_buckets_make(&histogram, &native);
	assert_int_equal(native.nr_spans, 3);
	assert_int_equal(native.spans[0].offset, -30);
	assert_int_equal(native.spans[0].length, 4);
	assert_int_equal(native.spans[1].offset, 3);
	assert_int_equal(native.spans[2].offset, 87);
	assert_int_equal(native.nr_deltas, 6);
	assert_int_equal(native.deltas[0], 5);
	assert_int_equal(native.deltas[1], -5);
	assert_int_equal(native.deltas[2], 0);
	assert_int_equal(native.deltas[3], 2);
	assert_int_equal(native.deltas[4], 2);
	assert_int_equal(native.deltas[5], 5);
}

/* 2 ms is a bound of ours, 3 ms is not: 2^(6/4) = 2.83 is the last one below. */
static void classic_buckets_count_what_lies_below(void **state)
{
	static const struct instrument instrument = {.unit = "ms"};
	static const double bounds_ms[] = {0.0001, 2, 3, 1e9};
	struct classic_buckets buckets;
	struct point_histogram histogram = {};
	__u64 counts[SETTINGS_MAX_BOUNDS];

	(void)state;
	histogram.buckets[0] = 1;
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE + 4] = 10;   /* up to 2 */
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE + 5] = 100;  /* up to 2.38 */
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE + 6] = 1000; /* up to 2.83 */
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE + 7] = 10000;
	histogram.buckets[HISTOGRAM_NR_BUCKETS - 1] = 100000;
	classic_buckets_make(&instrument, bounds_ms, ARRAY_SIZE(bounds_ms), &buckets);
	classic_buckets_count(&buckets, &histogram, counts);
	assert_int_equal(buckets.nr, 4);
	assert_int_equal(counts[0], 0);
	assert_int_equal(counts[1], 11);
	assert_int_equal(counts[2], 1111);
	assert_int_equal(counts[3], 11111);
}

static void bounds_are_in_the_unit(void **state)
{
	static const struct instrument seconds = {.unit = "s"}, events = {.unit = "{event}"};
	static const double bounds_ms[] = {500, 8000};
	struct classic_buckets buckets;

	(void)state;
	classic_buckets_make(&seconds, bounds_ms, 2, &buckets);
	assert_int_equal(buckets.nr, 2);
	assert_near(buckets.bounds[0], 0.5, 0);
	assert_int_equal(buckets.nr_ours[1], HISTOGRAM_INDEX_OF_ONE + 12 + 1);
	classic_buckets_make(&events, bounds_ms, 2, &buckets);
	assert_int_equal(buckets.nr, 11);
	for (size_t i = 0; i < buckets.nr; i++) {
		assert_near(buckets.bounds[i], (double)(1 << i), 0);
		/* all of these are ours, so their counts are exact */
		assert_near(histogram_bounds[buckets.nr_ours[i] - 1], buckets.bounds[i], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(native_bounds_are_ours),
		cmocka_unit_test(native_buckets_lose_nothing),
		cmocka_unit_test(short_gaps_are_bridged),
		cmocka_unit_test(classic_buckets_count_what_lies_below),
		cmocka_unit_test(bounds_are_in_the_unit),
	};

	return cmocka_run_group_tests_name("exposition_buckets", tests, NULL, NULL);
}
