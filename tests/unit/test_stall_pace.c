/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How often `stalls` speaks: of one that goes on, and of those that it was not told of. */
#include "unit.h"

#include "commands/stall_ages.h"
#include "commands/stall_tally.h"

#define S (1000 * MS)

static bool is_due(struct stall_ages *ages, enum stall_event event, __u32 tid, __u64 age_ns)
{
	const struct stall stall = {.id.tid = tid, .start_ns = 5, .until_ns = 5 + age_ns};

	return stall_ages_is_due(ages, event, &stall);
}

static void test_shown(void **state)
{
	const struct stall stall = {.id.tid = 1, .until_ns = 60 * MS}, other = {.id.tid = 2};
	struct stall_ages *ages;

	(void)state;
	assert_int_equal(stall_ages_new(&ages), 0);
	assert_true(stall_ages_is_due(ages, STALL_EVENT_BEGUN, &stall));
	assert_null(stall_ages_shown(ages, &other));
	*stall_ages_shown(ages, &stall) = 7;
	assert_true(stall_ages_is_due(ages, STALL_EVENT_ENDED, &stall));
	assert_int_equal(*stall_ages_shown(ages, &stall), 7);
	stall_ages_forget(ages, &stall);
	assert_null(stall_ages_shown(ages, &stall));
	stall_ages_forget(ages, &stall);
	assert_true(stall_ages_is_due(ages, STALL_EVENT_ENDED, &stall)); /* not told of before */
	assert_int_equal(*stall_ages_shown(ages, &stall), 0);
	stall_ages_free(ages);
}

static void test_ages(void **state)
{
	struct stall_ages *ages;

	(void)state;
	assert_int_equal(stall_ages_new(&ages), 0);
	assert_true(is_due(ages, STALL_EVENT_BEGUN, 1, 50 * MS));
	assert_false(is_due(ages, STALL_EVENT_LASTS, 1, 999 * MS));
	assert_true(is_due(ages, STALL_EVENT_LASTS, 1, S));
	assert_false(is_due(ages, STALL_EVENT_LASTS, 1, 2 * S - 1));
	assert_true(is_due(ages, STALL_EVENT_LASTS, 1, 2 * S));
	assert_true(is_due(ages, STALL_EVENT_LASTS, 2, 30 * MS)); /* another one, never heard of */
	assert_true(is_due(ages, STALL_EVENT_LASTS, 1, 100 * S));
	assert_false(is_due(ages, STALL_EVENT_LASTS, 1, 160 * S - 1));
	assert_true(is_due(ages, STALL_EVENT_LASTS, 1, 160 * S));
	assert_true(is_due(ages, STALL_EVENT_ENDED, 1, 161 * S));
	stall_ages_forget(ages, &(struct stall){.id.tid = 1});
	assert_true(is_due(ages, STALL_EVENT_BEGUN, 1, 50 * MS));
	assert_false(is_due(ages, STALL_EVENT_LASTS, 1, 60 * MS));
	stall_ages_free(ages);
}

static void test_tally(void **state)
{
	struct stall_tally tally = {};

	(void)state;
	assert_int_equal(stall_tally_take(&tally, 0, 20 * S), 0);
	assert_int_equal(stall_tally_take(&tally, 2, 21 * S), 2);
	assert_int_equal(stall_tally_take(&tally, 7, 30 * S), 0); /* said a moment ago */
	assert_int_equal(stall_tally_take(&tally, 7, 31 * S), 5);
	assert_int_equal(stall_tally_take(&tally, 7, 60 * S), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_shown),
		cmocka_unit_test(test_tally),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
