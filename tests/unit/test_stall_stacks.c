/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which stacks of a stall are kept, and what time each stands for. */
#include "stall_fixture.h"

static void test_weights(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE_ANNOUNCING(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE_STACK(5, 100 * MS, 150 * MS, "a", NULL);
	TAKE_STACK(5, 100 * MS, 170 * MS, "b", NULL);
	assert_int_equal(fixture->stacks_each[0], 50 * MS);
	assert_int_equal(fixture->stacks_each[1], 20 * MS);
	TAKE(ENDED, 5, 100 * MS, 300 * MS, CAUSE_CPU);
	assert_int_equal(fixture->stacks_each[0], 50 * MS);
	assert_int_equal(fixture->stacks_each[1], 150 * MS);
	assert_int_equal(fixture->told[2].weights_ns, 200 * MS);
}

static void test_more_stacks_than_are_kept(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	for (__u64 at = 150; at <= 200; at += 10)
		TAKE_STACK(5, 100 * MS, at * MS, "a", NULL);
	TAKE(ENDED, 5, 100 * MS, 300 * MS, CAUSE_CPU);
	assert_int_equal(fixture->told[fixture->nr_told - 1].nr_stacks, 4);
	assert_int_equal(fixture->stacks_each[0], 50 * MS);
	assert_int_equal(fixture->told[fixture->nr_told - 1].weights_ns, 200 * MS);
}

/* Who has most gives the one that stands for least; nobody the only one that he has. */
static void test_no_room_for_stacks(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, MS, 2 * MS, CAUSE_CPU);
	TAKE_STACK(5, MS, 41 * MS, "a", NULL);
	TAKE_STACK(5, MS, 51 * MS, "b", NULL);
	assert_int_equal(fixture->told[fixture->nr_told - 1].nr_stacks, 2);
	assert_int_equal(stalls_stacks_held(fixture->stalls), 0);
	TAKE(BEGUN, 6, MS, 50 * MS, CAUSE_CPU);
	TAKE_STACK(6, MS, 51 * MS, "c", NULL);
	assert_int_equal(fixture->told[fixture->nr_told - 1].nr_stacks, 1);
	assert_int_equal(stalls_stacks_held(fixture->stalls), 1);
	TAKE(LASTS, 5, MS, 61 * MS, CAUSE_CPU);
	assert_int_equal(fixture->told[fixture->nr_told - 1].nr_stacks, 1);
	assert_string_equal(fixture->culprit, "a");
	/* none is left to give: the next one has none, and is told of all the same */
	TAKE_ANNOUNCING(BEGUN, 7, MS, 51 * MS, CAUSE_CPU);
	TAKE_STACK(7, MS, 52 * MS, "d", NULL);
	assert_told(fixture, 7, STALL_EVENT_BEGUN, 51 * MS);
	assert_int_equal(fixture->told[6].nr_stacks, 0);
	assert_int_equal(stalls_stacks_held(fixture->stalls), 2);
	/* its own it may replace */
	TAKE_STACK(6, MS, 201 * MS, "e", NULL);
	assert_int_equal(fixture->told[fixture->nr_told - 1].nr_stacks, 1);
	assert_string_equal(fixture->culprit, "e");
	assert_int_equal(stalls_stacks_held(fixture->stalls), 3);
	/* what has ended takes up none */
	TAKE(ENDED, 5, MS, 301 * MS, CAUSE_CPU);
	TAKE_STACK(7, MS, 302 * MS, "d", NULL);
	assert_int_equal(fixture->told[fixture->nr_told - 1].nr_stacks, 1);
	assert_int_equal(stalls_stacks_held(fixture->stalls), 3);
}

static void test_stacks_of_no_stall(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE_STACK(5, 100 * MS, 150 * MS, "a", NULL);
	TAKE_STACK(5, 0, 150 * MS, "a", NULL);
	TAKE(BEGUN, 5, 300 * MS, 350 * MS, CAUSE_CPU);
	TAKE_STACK(5, 100 * MS, 150 * MS, "a", NULL);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 350 * MS);
	TAKE_STACK(5, 500 * MS, 550 * MS, "a", NULL); /* of the next one */
	assert_told(fixture, 2, STALL_EVENT_ENDED, 350 * MS);
	assert_int_equal(fixture->told[1].state, STALL_LOST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_weights),
		TEST(test_more_stacks_than_are_kept),
		cmocka_unit_test_setup_teardown(test_no_room_for_stacks, stall_set_up_tight,
						stall_tear_down),
		TEST(test_stacks_of_no_stall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
