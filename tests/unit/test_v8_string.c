/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Strings of V8 of every kind, and such as are none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_v8.h"

static struct fake_v8 v8;

static int set_up(void **state)
{
	(void)state;
	fake_v8_reset(&v8);
	return 0;
}

static void expect(uint64_t string, const char *text)
{
	char to[512];

	assert_int_equal(v8_string_text(&v8.heap, string, to, sizeof(to)), strlen(text));
	assert_string_equal(to, text);
}

static void expect_none(uint64_t string, int error)
{
	char to[512];

	assert_int_equal(v8_string_text(&v8.heap, string, to, sizeof(to)), error);
}

static uint64_t two_byte(const uint16_t *units, uint32_t nr)
{
	uint64_t string = fake_v8_object(&v8, 0, 2 + nr / 4);

	memcpy(fake_v8_at(&v8, string, 12), &nr, sizeof(nr));
	memcpy(fake_v8_at(&v8, string, 16), units, nr * sizeof(*units));
	return string;
}

static void test_in_a_row(void **state)
{
	static const uint16_t units[] = {'a', 0xe9, 0x20ac, 0xd83d, 0xde00, 0xd83d, 'z', 0xde00};

	(void)state;
	expect(fake_v8_text(&v8, ""), "");
	expect(fake_v8_text(&v8, "handleRequest"), "handleRequest");
	expect(fake_v8_text(&v8, "\xfcml"), "\u00fcml");
	expect(two_byte(units, 8), "a\u00e9\u20ac\U0001f600\ufffdz\ufffd");
}

static void test_nul_is_shown(void **state)
{
	static const uint16_t units[] = {'a', 0, 'b'};

	(void)state;
	expect(two_byte(units, 3), "a\ufffdb");
}

static void test_composed(void **state)
{
	uint64_t left = fake_v8_text(&v8, "left"), right = fake_v8_text(&v8, "right");
	uint64_t cons = fake_v8_cons(&v8, left, right, 9);
	uint64_t sliced = fake_v8_object(&v8, 32 | 8 | 3, 3);
	uint64_t thin = fake_v8_object(&v8, 32 | 8 | 5, 2);
	uint32_t length = 3;

	(void)state;
	expect(cons, "leftright");
	expect(fake_v8_cons(&v8, cons, cons, 18), "leftrightleftright");
	memcpy(fake_v8_at(&v8, sliced, 12), &length, sizeof(length));
	fake_v8_set(&v8, sliced, 16, right);
	fake_v8_set(&v8, sliced, 24, fake_v8_smi(2));
	expect(sliced, "ght");
	memcpy(fake_v8_at(&v8, thin, 12), &length, sizeof(length));
	fake_v8_set(&v8, thin, 16, sliced);
	expect(thin, "ght");
	fake_v8_set(&v8, sliced, 24, fake_v8_smi(3));
	expect_none(sliced, -EINVAL);
	fake_v8_set(&v8, sliced, 24, fake_v8_smi(-1));
	expect_none(sliced, -EINVAL);
}

static void test_outside_of_the_heap(void **state)
{
	uint64_t chars = fake_v8_text(&v8, "external");
	uint64_t string = fake_v8_object(&v8, 32 | 8 | 2, 3);
	uint64_t uncached = fake_v8_object(&v8, 32 | 16 | 8 | 2, 3);
	uint32_t length = 8;

	(void)state;
	memcpy(fake_v8_at(&v8, string, 12), &length, sizeof(length));
	memcpy(fake_v8_at(&v8, uncached, 12), &length, sizeof(length));
	fake_v8_set(&v8, string, 24, chars - 1 + 16);
	expect(string, "external");
	expect_none(uncached, -EINVAL);
}

static void test_cut_at_a_character(void **state)
{
	uint64_t string = fake_v8_text(&v8, "ab\xe9");
	char to[4];

	(void)state;
	assert_int_equal(v8_string_text(&v8.heap, string, to, sizeof(to)), 2);
	assert_string_equal(to, "ab");
}

static void test_circles_end(void **state)
{
	uint64_t thin = fake_v8_object(&v8, 32 | 8 | 5, 2);
	uint64_t cons = fake_v8_cons(&v8, 0, 0, 5);

	(void)state;
	fake_v8_set(&v8, thin, 16, thin);
	expect_none(thin, -EINVAL);
	fake_v8_set(&v8, cons, 16, cons);
	fake_v8_set(&v8, cons, 24, cons);
	expect_none(cons, -EINVAL);
}

static void test_no_strings(void **state)
{
	uint64_t text = fake_v8_text(&v8, "text");
	uint32_t huge = UINT32_MAX;

	(void)state;
	expect_none(fake_v8_smi(3), -EINVAL);
	expect_none(0x7fff00000001, -EFAULT);
	expect_none(v8.undefined, -EINVAL);
	memcpy(fake_v8_at(&v8, text, 12), &huge, sizeof(huge));
	expect_none(text, -EINVAL);
	huge = 1 << 20;
	memcpy(fake_v8_at(&v8, text, 12), &huge, sizeof(huge));
	expect_none(text, -EFAULT);
	/* what garbage collection leaves in the map's place */
	fake_v8_set(&v8, text, 0, text - 1);
	expect_none(text, -EINVAL);
	fake_v8_set(&v8, text, 0, text);
	expect_none(text, -EINVAL);
}

static void test_budget(void **state)
{
	uint64_t text = fake_v8_text(&v8, "text");

	(void)state;
	v8.heap.budget = 100;
	expect_none(text, -E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_in_a_row, set_up),
		cmocka_unit_test_setup(test_nul_is_shown, set_up),
		cmocka_unit_test_setup(test_composed, set_up),
		cmocka_unit_test_setup(test_outside_of_the_heap, set_up),
		cmocka_unit_test_setup(test_cut_at_a_character, set_up),
		cmocka_unit_test_setup(test_circles_end, set_up),
		cmocka_unit_test_setup(test_no_strings, set_up),
		cmocka_unit_test_setup(test_budget, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
