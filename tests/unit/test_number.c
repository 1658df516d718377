/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers of command lines and settings: strict. */
#include "unit.h"

#include <errno.h>
#include <limits.h>

#include "config/number.h"

static void test_whole_numbers(void **state)
{
	static const char *const bad[] = {"", " 1", "1 ", "+1", "-1", "0x10", "1e3", "1.0", "one"};
	long value;

	(void)state;
	assert_int_equal(number_parse_whole("4194304", 1, INT_MAX, &value), 0);
	assert_int_equal(value, 4194304);
	assert_int_equal(number_parse_whole("0", 1, INT_MAX, &value), -ERANGE);
	assert_int_equal(number_parse_whole("2147483648", 1, INT_MAX, &value), -ERANGE);
	assert_int_equal(number_parse_whole("99999999999999999999", 1, LONG_MAX, &value), -ERANGE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(number_parse_whole(bad[i], 1, INT_MAX, &value), -EINVAL);
}

static void test_decimals(void **state)
{
	static const char *const bad[] = {"",    " 1", "1 ",  "+1",  "-1",  "0x10",
					  "1e3", ".",  "1,5", "nan", "inf", "1.2.3"};
	double value;

	(void)state;
	assert_int_equal(number_parse_decimal("0.25", 0, 1, &value), 0);
	assert_near(value, 0.25, 0);
	assert_int_equal(number_parse_decimal(".5", 0, 1, &value), 0);
	assert_int_equal(number_parse_decimal("1.", 0, 1, &value), 0);
	assert_int_equal(number_parse_decimal("1.01", 0, 1, &value), -ERANGE);
	assert_int_equal(number_parse_decimal("0.1", 0.2, 1, &value), -ERANGE);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(number_parse_decimal(bad[i], 0, 1e9, &value), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_numbers),
		cmocka_unit_test(test_decimals),
	};

	return cmocka_run_group_tests_name("number", tests, NULL, NULL);
}
