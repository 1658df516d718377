/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records on their way past symbols that are not there, or have no room. */
#include "unit.h"

#include "model/decode.h"
#include "symbols_fixture.h"

/* A letter each: b for a stall that a stack follows, r for one that none does, w for another. */
struct taken {
	char kinds[16];
	size_t nr;
};

static void take(const void *record, size_t size, void *context)
{
	const struct stall_record *stall = record;
	struct taken *taken = context;
	char *kind = &taken->kinds[taken->nr++];

	assert_int_equal(size, stall->header.size);
	if (!record_is_stall(stall->header.kind))
		*kind = 'w';
	else
		*kind = stall->flags & STALL_STACK_FOLLOWS ? 'b' : 'r';
}

static void pass(struct symbols *symbols, uint32_t tid, struct taken *taken)
{
	struct made_record stack = made_stack(1, tid, DEED_ANSWER);
	struct stall_record stall = made_stall(1, tid);
	const struct record_header other = {.kind = RECORD_LOOP_PLACE, .size = sizeof(other)};

	stall.flags = STALL_STACK_FOLLOWS;
	symbols_pass(symbols, &stall, sizeof(stall), take, taken);
	symbols_pass(symbols, &stack, sizeof(stack), take, taken);
	symbols_pass(symbols, &other, sizeof(other), take, taken);
}

static void test_without_symbols(void **state)
{
	struct stall_record malformed = made_stall(1, 2);
	struct taken taken = {};

	(void)state;
	pass(NULL, 1, &taken);
	assert_string_equal(taken.kinds, "rw");
	malformed.flags = STALL_STACK_FOLLOWS;
	malformed.cause_ns[0] = 1;
	symbols_pass(NULL, &malformed, sizeof(malformed), take, &taken);
	assert_string_equal(taken.kinds, "rwb");
}

static void assert_held_back(struct symbols *symbols, uint64_t nr)
{
	struct symbols_stats stats;

	symbols_stats(symbols, &stats);
	assert_int_equal(stats.held_back, nr);
}

/* Nobody reads: no stall is lost, and stacks that are lost are counted. */
static void test_without_room(void **state)
{
	_cleanup_(symbols_freep) struct symbols *symbols = symbols_fixture_start(0, 0);
	const struct stall_record stall = made_stall(1, 1);
	struct taken taken = {};

	(void)state;
	pass(symbols, 1, &taken);
	assert_string_equal(taken.kinds, "w");
	while (!symbols_submit(symbols, &stall, sizeof(stall)))
		;
	assert_held_back(symbols, 0);
	pass(symbols, 2, &taken);
	assert_string_equal(taken.kinds, "wrw");
	assert_held_back(symbols, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_symbols),
		cmocka_unit_test(test_without_room),
	};

	symbols_fixture_program(argc, argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
