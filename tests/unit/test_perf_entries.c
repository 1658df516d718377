/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lines of perf maps, and which of them counts at an address. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "symbols/jit/perf_entries.h"

static bool parse(const char *line, struct perf_entry *ret_entry, size_t *ret_name_at)
{
	return perf_line_parse(line, strlen(line), ret_entry, ret_name_at);
}

static void test_lines(void **state)
{
	static const char *const bad[] = {
		"",
		"7f00",
		"7f00 ",
		"7f00 10",
		"7f00 10 ",
		" 7f00 10 a",
		"7f00  10 a",
		"xyz 10 a",
		"0x 10 a",
		"7f00 0 a",
		"7f00 80000001 a",
		"ffffffffffffffff 10 a",
		"7f00 -1 a",
		"00000000000000001 10 a",
		"7f00\t10 a",
	};
	struct perf_entry entry;
	size_t name_at;

	(void)state;
	assert_true(parse("7f00 1a name of it", &entry, &name_at));
	assert_int_equal(entry.start, 0x7f00);
	assert_int_equal(entry.end, 0x7f1a);
	assert_int_equal(name_at, 8);
	assert_true(parse("0x00007f5a 0xfF x", &entry, &name_at));
	assert_int_equal(entry.start, 0x7f5a);
	assert_int_equal(entry.end, 0x7f5a + 0xff);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(parse(bad[i], &entry, &name_at));
}

static void add(struct perf_entries *entries, uint64_t start, uint64_t end, uint64_t offset)
{
	struct perf_entry entry = {.start = start, .end = end, .offset = offset};

	assert_int_equal(perf_entries_add(entries, &entry), 0);
}

static uint64_t offset_at(struct perf_entries *entries, uint64_t address)
{
	const struct perf_entry *entry = perf_entries_find(entries, address);

	return entry ? entry->offset : 0;
}

static void test_the_last_counts(void **state)
{
	struct perf_entries entries = {};

	(void)state;
	assert_null(perf_entries_find(&entries, 5));
	add(&entries, 300, 400, 1);
	add(&entries, 100, 200, 2);
	assert_int_equal(offset_at(&entries, 350), 1);
	assert_int_equal(offset_at(&entries, 99), 0);
	assert_int_equal(offset_at(&entries, 100), 2);
	assert_int_equal(offset_at(&entries, 199), 2);
	assert_int_equal(offset_at(&entries, 200), 0);
	add(&entries, 150, 160, 3);
	assert_int_equal(offset_at(&entries, 155), 3);
	assert_int_equal(offset_at(&entries, 165), 2);
	add(&entries, 90, 390, 4);
	assert_int_equal(offset_at(&entries, 155), 4);
	assert_int_equal(offset_at(&entries, 395), 1);
	add(&entries, 300, 310, 5);
	assert_int_equal(offset_at(&entries, 305), 5);
	perf_entries_reset(&entries);
	assert_int_equal(offset_at(&entries, 305), 0);
	perf_entries_done(&entries);
}

/* Of more than there is room for, the last are kept; what others replace is not counted. */
static void test_room(void **state)
{
	struct perf_entries entries = {};
	uint64_t offset = 1;

	(void)state;
	for (size_t i = 0; i < PERF_MAX_ENTRIES; i++)
		add(&entries, 1000, 1010, offset++);
	add(&entries, 1000, 1010, offset++);
	assert_int_equal(entries.left_out, 0);
	for (uint64_t i = 0; i < PERF_MAX_ENTRIES + 10; i++)
		add(&entries, 2000 + 10 * i, 2010 + 10 * i, offset++);
	assert_true(entries.nr <= PERF_MAX_ENTRIES && entries.left_out > 0);
	assert_int_equal(offset_at(&entries, 2000 + 10 * (uint64_t)(PERF_MAX_ENTRIES + 9)),
			 offset - 1);
	assert_int_equal(offset_at(&entries, 1005), 0);
	perf_entries_done(&entries);
}

/* Each within the one before: as deep as it is looked, the innermost is found. */
static void test_nested(void **state)
{
	struct perf_entries entries = {};

	(void)state;
	for (uint64_t i = 0; i < 1000; i++)
		add(&entries, 1000 + i, 100000 - i, 1 + i);
	assert_int_equal(offset_at(&entries, 50000), 1000);
	assert_int_equal(offset_at(&entries, 99999), 0);
	perf_entries_done(&entries);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_the_last_counts),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_nested),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
