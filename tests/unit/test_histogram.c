/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * include/histogram.h against exact arithmetic: v units are above the bound
 * 2^(k/4) iff v^4 > 2^(80+k), which is an integer of at most 148 bits.
 */
#include "unit.h"

#include <stdbool.h>

#include "histogram.h"
#include "model/histogram.h"

struct wide {
	uint32_t limbs[8]; /* least significant first */
};

static struct wide wide_times(struct wide a, uint32_t b)
{
	uint64_t carry = 0;

	for (int i = 0; i < 8; i++) {
		carry += (uint64_t)a.limbs[i] * b;
		a.limbs[i] = (uint32_t)carry;
		carry >>= 32;
	}
	assert_int_equal(carry, 0);
	return a;
}

static struct wide wide_times_64(struct wide a, uint64_t b)
{
	struct wide low = wide_times(a, (uint32_t)b), high = wide_times(a, (uint32_t)(b >> 32));
	uint64_t carry = 0;

	for (int i = 0; i < 8; i++) {
		carry += (uint64_t)low.limbs[i] + (i ? high.limbs[i - 1] : 0);
		low.limbs[i] = (uint32_t)carry;
		carry >>= 32;
	}
	return low;
}

/* a > 2^bits */
static bool wide_above_power(struct wide a, unsigned int bits)
{
	uint32_t one = 1U << bits % 32, rest = 0;

	for (unsigned int i = 0; i < bits / 32; i++)
		rest |= a.limbs[i];
	for (unsigned int i = bits / 32 + 1; i < 8; i++) {
		if (a.limbs[i])
			return true;
	}
	return a.limbs[bits / 32] > one || (a.limbs[bits / 32] == one && rest);
}

static bool above_bound(uint64_t units, int k)
{
	struct wide fourth = {{1}};

	for (int i = 0; i < 4; i++)
		fourth = wide_times_64(fourth, units);
	return wide_above_power(fourth, 4 * HISTOGRAM_FRACTION_BITS + k);
}

/* The greatest integer not above the bound. */
static uint64_t bound_floor(int k)
{
	uint64_t low = 0, high = 1ULL << 37;

	while (high - low > 1) {
		uint64_t middle = (low + high) / 2;

		if (above_bound(middle, k))
			high = middle;
		else
			low = middle;
	}
	return low;
}

static void test_index_at_every_bound(void **state)
{
	(void)state;
	for (int k = HISTOGRAM_MIN_BOUND; k <= HISTOGRAM_MAX_BOUND; k++) {
		uint64_t bound = bound_floor(k);
		uint32_t bucket = k - HISTOGRAM_MIN_BOUND;

		assert_int_equal(histogram_index(bound), bucket);
		assert_int_equal(histogram_index(bound + 1), bucket + 1);
		assert_int_equal(histogram_index(bound - 1), bucket);
	}
}

static void test_index_of_random_values(void **state)
{
	struct random random = {1};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		uint64_t units = random_scale(&random, 36);
		uint32_t bucket = histogram_index(units);

		assert_in_range(bucket, 0, HISTOGRAM_NR_BUCKETS - 1);
		if (bucket > 0)
			assert_true(above_bound(units, HISTOGRAM_MIN_BOUND + bucket - 1));
		if (bucket < HISTOGRAM_NR_BUCKETS - 1)
			assert_false(above_bound(units, HISTOGRAM_MIN_BOUND + bucket));
	}
}

/* A hint saves a search, and changes nothing. */
static void test_index_with_any_hint(void **state)
{
	struct random random = {6};

	(void)state;
	for (int i = 0; i < 2000; i++) {
		uint64_t units = random_scale(&random, 40);

		for (int any = 0; any < 256; any++) {
			uint8_t hint = any;

			assert_int_equal(histogram_index_near(units, &hint),
					 histogram_index(units));
			assert_int_equal(histogram_index_near(units, &hint),
					 histogram_index(units));
		}
	}
}

static void test_index_of_extremes(void **state)
{
	(void)state;
	assert_int_equal(histogram_index(0), 0);
	assert_int_equal(histogram_index(1), 0);
	assert_int_equal(histogram_index(1ULL << 36), HISTOGRAM_NR_BUCKETS - 2);
	assert_int_equal(histogram_index((1ULL << 36) + 1), HISTOGRAM_NR_BUCKETS - 1);
	assert_int_equal(histogram_index(~0ULL), HISTOGRAM_NR_BUCKETS - 1);
}

static void test_log2(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++) {
		assert_int_equal(histogram_log2(1ULL << bit), bit);
		assert_int_equal(histogram_log2((2ULL << bit) - 1), bit);
	}
}

/* ns * 2^20 / 10^6, in integers: never above it, and less than one unit and 3e-9 below. */
static void test_units_from_ns(void **state)
{
	struct random random = {2};

	(void)state;
	for (int i = 0; i < 100000; i++) {
		uint64_t ns = random_scale(&random, 37);
		unsigned __int128 exact = ((unsigned __int128)ns << 20) / 1000000;
		uint64_t units = histogram_units_from_ns(ns);

		assert_true(units <= exact);
		assert_true(exact - units <= 1 + exact * 3 / 1000000000);
	}
	assert_int_equal(histogram_units_from_ns(0), 0);
	assert_int_equal(histogram_units_from_ns((1ULL << 37) + 1), ~0ULL);
	assert_int_equal(histogram_index(histogram_units_from_ns(1ULL << 37)),
			 HISTOGRAM_NR_BUCKETS - 1);
	assert_int_equal(histogram_index(histogram_units_from_ns(65536 * MS)),
			 HISTOGRAM_NR_BUCKETS - 2);
}

static void test_units_from_count(void **state)
{
	(void)state;
	for (uint64_t power = 0; power <= 16; power++) {
		uint32_t bucket = histogram_index(histogram_units_from_count(1ULL << power));

		assert_near(histogram_upper(bucket, HISTOGRAM_UNIT_EVENTS), ldexp(1, power), 0);
	}
	assert_int_equal(histogram_index(histogram_units_from_count(0)), 0);
	assert_int_equal(histogram_units_from_count(1ULL << 32), 1ULL << 52);
	assert_int_equal(histogram_units_from_count((1ULL << 32) + 1), ~0ULL);
}

/* The table that user space reads bounds from agrees with the index to a unit of 2^-20. */
static void test_bounds_of_the_model(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < HISTOGRAM_NR_BUCKETS - 1; i++) {
		double bound = histogram_upper(i, 1 << HISTOGRAM_FRACTION_BITS);

		assert_int_equal((uint64_t)bound, bound_floor(HISTOGRAM_MIN_BOUND + (int)i));
		assert_near(histogram_lower(i + 1, HISTOGRAM_UNIT_NS),
			    histogram_upper(i, HISTOGRAM_UNIT_NS), 0);
	}
	assert_near(histogram_lower(0, HISTOGRAM_UNIT_NS), 0, 0);
	assert_near(histogram_upper(0, HISTOGRAM_UNIT_NS), 976.5625, 0);
	assert_near(histogram_upper(40, HISTOGRAM_UNIT_NS), 1e6, 0);
	assert_true(isinf(histogram_upper(HISTOGRAM_NR_BUCKETS - 1, HISTOGRAM_UNIT_NS)));
}

int main(void)
{
	const struct CMUnitTest histogram[] = {
		cmocka_unit_test(test_index_at_every_bound),
		cmocka_unit_test(test_index_of_random_values),
		cmocka_unit_test(test_index_with_any_hint),
		cmocka_unit_test(test_index_of_extremes),
		cmocka_unit_test(test_log2),
		cmocka_unit_test(test_units_from_ns),
		cmocka_unit_test(test_units_from_count),
		cmocka_unit_test(test_bounds_of_the_model),
	};

	return cmocka_run_group_tests(histogram, NULL, NULL);
}
