/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is left out over whom the program has ended, and for how long. The clock is made by hand. */
#include "unit.h"

#include "symbols/symbols_parts.h"

#define MINUTE 60000000000ULL
#define MAX_MINUTES 32

static const struct entry entry = {.kind = ENTRY_PROCESS, .process = {.pid = 5, .start_ns = 7}};

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct symbols));
	return !*state;
}

static int tear_down(void **state)
{
	free(*state);
	return 0;
}

static void test_once_is_chance(void **state)
{
	struct symbols *symbols = *state;

	assert_false(symbols_is_blamed(symbols, &entry, MINUTE));
	symbols_blame(symbols, &entry, MINUTE);
	assert_false(symbols_is_blamed(symbols, &entry, MINUTE));
	symbols_blame(symbols, &entry, MINUTE + 1);
	assert_true(symbols_is_blamed(symbols, &entry, MINUTE + 1));
}

static void test_for_longer_each_time(void **state)
{
	struct symbols *symbols = *state;
	uint64_t now_ns = 100 * MINUTE;

	symbols_blame(symbols, &entry, now_ns);
	for (uint64_t minutes = 1, times = 0; times < 100; times++) {
		symbols_blame(symbols, &entry, now_ns);
		now_ns += minutes * MINUTE;
		assert_true(symbols_is_blamed(symbols, &entry, now_ns - 1));
		assert_false(symbols_is_blamed(symbols, &entry, now_ns));
		minutes = minutes < MAX_MINUTES ? 2 * minutes : MAX_MINUTES;
	}
}

/* Twice, but hours apart. */
static void test_long_ago(void **state)
{
	struct symbols *symbols = *state;

	for (uint64_t times = 1; times < 10; times++) {
		symbols_blame(symbols, &entry, times * 2 * MAX_MINUTES * MINUTE);
		assert_false(symbols_is_blamed(symbols, &entry, times * 2 * MAX_MINUTES * MINUTE));
	}
}

static void test_others(void **state)
{
	struct symbols *symbols = *state;
	struct stack_record record = {.id.pid = 5, .process_start_ns = 7};
	struct entry other = {.kind = ENTRY_STACK, .data = (unsigned char *)&record};

	symbols_blame(symbols, &entry, MINUTE);
	symbols_blame(symbols, &other, MINUTE);
	assert_true(symbols_is_blamed(symbols, &entry, MINUTE));
	assert_true(symbols_is_blamed(symbols, &other, MINUTE));
	record.process_start_ns = 8;
	assert_false(symbols_is_blamed(symbols, &other, MINUTE));
	symbols_forgive(symbols, &other);
	assert_true(symbols_is_blamed(symbols, &entry, MINUTE));
	symbols_forgive(symbols, &entry);
	assert_false(symbols_is_blamed(symbols, &entry, MINUTE));
	symbols_blame(symbols, &entry, MINUTE);
	assert_false(symbols_is_blamed(symbols, &entry, MINUTE));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_once_is_chance, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_for_longer_each_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_ago, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_others, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
