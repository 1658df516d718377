/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Crossings told once each way, through unknown values and reloads; lines a minute. */
#include "unit.h"

#include <stdbool.h>

#include "agent/thresholds.h"

#define MINUTE 60000000000ULL

static const struct thresholds limits = {
	.blocking_ms = 10,
	.lag_p95_ms = 50,
	.utilization = 80,
	.stall_age_ms = 1000,
};

/* What the value did to the state: -1 came back, 1 went above, 0 nothing. */
static int crossing(const struct thresholds *thresholds, enum threshold threshold, double value,
		    struct threshold_state *state)
{
	struct threshold_crossing crossed = {.limit = -1};

	if (!threshold_check(thresholds, threshold, value, state, &crossed)) {
		assert_near(crossed.limit, -1, 0);
		return 0;
	}
	assert_int_equal(crossed.threshold, threshold);
	assert_near(crossed.value, value, 0);
	assert_true(crossed.above == (value > crossed.limit));
	return crossed.above ? 1 : -1;
}

static void test_told_once_each_way(void **state)
{
	struct threshold_state loop = {0};

	(void)state;
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 49, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 50, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 51, &loop), 1);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 5000, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, NAN, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 51, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 50, &loop), -1);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 0, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 1e300, &loop), 1);
}

static void test_each_by_itself(void **state)
{
	struct threshold_state loop = {0};

	(void)state;
	assert_int_equal(crossing(&limits, THRESHOLD_UTILIZATION, 81, &loop), 1);
	assert_int_equal(crossing(&limits, THRESHOLD_LAG_P95, 81, &loop), 1);
	assert_int_equal(crossing(&limits, THRESHOLD_STALL_AGE, 81, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_STALL_AGE, 1001, &loop), 1);
	assert_int_equal(crossing(&limits, THRESHOLD_UTILIZATION, 79, &loop), -1);
	assert_true(loop.above[THRESHOLD_LAG_P95]);
}

static void test_reload(void **state)
{
	struct thresholds next = limits;
	struct threshold_state loop = {0};

	(void)state;
	assert_int_equal(crossing(&limits, THRESHOLD_UTILIZATION, 85, &loop), 1);
	next.utilization = 90;
	assert_int_equal(crossing(&next, THRESHOLD_UTILIZATION, 85, &loop), -1);
	next.utilization = 70;
	assert_int_equal(crossing(&next, THRESHOLD_UTILIZATION, 85, &loop), 1);
	/* none now: it is neither above nor has it come back; and it starts afresh */
	next.utilization = 0;
	assert_int_equal(crossing(&next, THRESHOLD_UTILIZATION, 85, &loop), 0);
	assert_int_equal(crossing(&limits, THRESHOLD_UTILIZATION, 85, &loop), 1);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(threshold_name(THRESHOLD_LAG_P95), "lag_p95_ms");
	assert_string_equal(threshold_name(THRESHOLD_UTILIZATION), "utilization");
	assert_string_equal(threshold_name(THRESHOLD_STALL_AGE), "stall_age_ms");
}

static void test_rate_limit(void **state)
{
	struct rate_limit limit = {.limit = 3};
	struct rate_limit none = {0};
	int allowed = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		allowed += rate_limit_allow(&limit, 5 * MINUTE + i);
	assert_int_equal(allowed, 3);
	assert_int_equal(limit.held_back, 7);
	assert_true(rate_limit_allow(&limit, 6 * MINUTE));
	assert_true(rate_limit_allow(&limit, 6 * MINUTE + 1));
	assert_true(rate_limit_allow(&limit, 7 * MINUTE - 1));
	assert_false(rate_limit_allow(&limit, 7 * MINUTE - 1));
	assert_int_equal(limit.held_back, 8);
	assert_false(rate_limit_allow(&none, MINUTE));
	assert_int_equal(none.held_back, 1);
}

int main(void)
{
	const struct CMUnitTest thresholds[] = {
		cmocka_unit_test(test_told_once_each_way),
		cmocka_unit_test(test_each_by_itself),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_rate_limit),
	};

	return cmocka_run_group_tests(thresholds, NULL, NULL);
}
