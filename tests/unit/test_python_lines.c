/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Tables of lines: a true one, each form of entry, and tables that lie. */
#include "unit.h"

#include <string.h>

#include "symbols/python/python_lines.h"

/*
 * As CPython 3.11 makes it of
 *
 *   def f(a):
 *       b = [
 *           a,
 *           g(a),
 *       ]
 *       for x in b:
 *           if x:
 *               return x
 *
 *       return (a +
 *               b)
 */
static const unsigned char real[] = {128, 0,   224, 8,   9,  221, 8,   9,   136, 33, 137, 4,  140,
				     4,   240, 5,   3,   9,  6,   128, 65,  240, 8,  0,   14, 15,
				     240, 0,   2,   5,   21, 240, 0,   2,   5,   21, 136, 1,  216,
				     11,  12,  240, 0,   1,  9,   21,  216, 19,  20, 136, 72, 136,
				     72,  136, 72,  240, 3,  1,   9,   21,  240, 6,  0,   13, 14,
				     216, 12,  13,  241, 3,  1,   13,  14,  240, 0,  1,   5,  15};

static const struct {
	uint32_t end, line;
} real_lines[] = {{2, 1},  {4, 3},  {32, 4},  {36, 2},  {44, 6}, {48, 7},
		  {56, 8}, {58, 7}, {60, 10}, {62, 11}, {68, 10}};

static void lines_are_those_that_the_interpreter_tells(void **state)
{
	uint32_t at = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(real_lines); i++)
		for (; at < real_lines[i].end; at += 2)
			assert_int_equal(python_line(real, sizeof(real), 1, at),
					 real_lines[i].line);
	assert_int_equal(python_line(real, sizeof(real), 1, at), 0);
	assert_int_equal(python_line(real, sizeof(real), 1, UINT32_MAX), 0);
}

#define ENTRY(form, units) (0x80 | (form) << 3 | ((units) - 1))

static void each_form_has_its_line(void **state)
{
	static const unsigned char table[] = {
		ENTRY(0, 1),  0,                /* columns alone */
		ENTRY(12, 1), 1,    2,          /* two lines on */
		ENTRY(13, 2), 0x0b,             /* five back */
		ENTRY(14, 1), 0x50, 1, 0, 1, 2, /* forty on, in two pieces */
		ENTRY(15, 8),                   /* none */
		ENTRY(13, 1), 2,                /* one on */
	};

	(void)state;
	assert_int_equal(python_line(table, sizeof(table), 100, 0), 100);
	assert_int_equal(python_line(table, sizeof(table), 100, 2), 102);
	assert_int_equal(python_line(table, sizeof(table), 100, 4), 97);
	assert_int_equal(python_line(table, sizeof(table), 100, 7), 97);
	assert_int_equal(python_line(table, sizeof(table), 100, 8), 137);
	assert_int_equal(python_line(table, sizeof(table), 100, 10), 0);
	assert_int_equal(python_line(table, sizeof(table), 100, 25), 0);
	assert_int_equal(python_line(table, sizeof(table), 100, 26), 138);
}

static void tables_that_lie_have_no_line(void **state)
{
	static const unsigned char cut[] = {ENTRY(13, 1)};
	static const unsigned char back[] = {ENTRY(13, 1), 0x7f, 0x7f, 0x7f,
					     0x7f,         0x7f, 0x7f, 0x7f};
	static const unsigned char no_entry[] = {0x20, 0x20};
	unsigned char far[12 * 7];

	(void)state;
	assert_int_equal(python_line(NULL, 0, 1, 0), 0);
	assert_int_equal(python_line(cut, sizeof(cut), 7, 0), 7);
	assert_int_equal(python_line(back, sizeof(back), 1, 0), 0);
	assert_int_equal(python_line(no_entry, sizeof(no_entry), 1, 0), 0);
	assert_int_equal(python_line(real, sizeof(real), -100, 0), 0);
	for (size_t i = 0; i < sizeof(far); i += 7)
		memcpy(&far[i], (unsigned char[]){ENTRY(13, 8), 0x7e, 0x7f, 0x7f, 0x7f, 0x7f, 0x3f},
		       7);
	assert_int_equal(python_line(far, sizeof(far), INT32_MAX, 11 * 16), 0);
}

/* Whatever stands in it, and wherever it is cut, nothing behind it is read. */
static void tables_of_anything_are_read_to_their_end(void **state)
{
	struct random random = {1};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		unsigned char table[64];
		size_t size = random_below(&random, sizeof(table));

		for (size_t at = 0; at < size; at++)
			table[at] = (unsigned char)random_next(&random);
		python_line(table, size, (int32_t)random_next(&random),
			    (uint32_t)random_below(&random, 2048));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_those_that_the_interpreter_tells),
		cmocka_unit_test(each_form_has_its_line),
		cmocka_unit_test(tables_that_lie_have_no_line),
		cmocka_unit_test(tables_of_anything_are_read_to_their_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
