/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names, files and lines of functions of JavaScript. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fake_v8.h"
#include "symbols/jit/v8_function.h"

#define SOURCE "one\ntwo\r\nthree\rfour\nfive"
#define IN_FOUR 16

static struct fake_v8 v8;
static struct v8_function function;

static int set_up(void **state)
{
	(void)state;
	fake_v8_reset(&v8);
	memset(&function, 'x', sizeof(function));
	return 0;
}

static uint64_t script_named(const char *name)
{
	return fake_v8_script(&v8, fake_v8_text(&v8, name), fake_v8_text(&v8, SOURCE));
}

static void read_function(uint64_t object)
{
	assert_int_equal(v8_function_read(&v8.heap, object, &function), 0);
}

static void test_named(void **state)
{
	static const int nr_locals[] = {0, 1, 74, 75, 300};

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		uint64_t name = fake_v8_text(&v8, "handle");
		uint64_t scope = fake_v8_scope(&v8, nr_locals[i], name, IN_FOUR);

		read_function(fake_v8_function(&v8, scope, script_named("/app/a.js")));
		assert_string_equal(function.name, "handle");
		assert_string_equal(function.file, "/app/a.js");
		assert_int_equal(function.line, 4);
		assert_false(function.is_builtin);
	}
}

static void test_inferred(void **state)
{
	uint64_t scope = fake_v8_scope(&v8, 0, fake_v8_text(&v8, ""), 0);

	(void)state;
	fake_v8_set(&v8, scope, 8, fake_v8_smi(1 << 12 | 1 << 14));
	fake_v8_set(&v8, scope, 48, fake_v8_text(&v8, "exports.run"));
	fake_v8_set(&v8, scope, 56, fake_v8_smi(5));
	fake_v8_set(&v8, scope, 64, fake_v8_smi(9));
	read_function(fake_v8_function(&v8, scope, script_named("/app/a.js")));
	assert_string_equal(function.name, "exports.run");
	assert_int_equal(function.line, 2);
}

static void test_anonymous(void **state)
{
	uint64_t scope = fake_v8_scope(&v8, 2, 0, 0);

	(void)state;
	read_function(fake_v8_function(&v8, scope, script_named("file:///app/a%20b.mjs")));
	assert_string_equal(function.name, "(anonymous)");
	assert_string_equal(function.file, "/app/a b.mjs");
	assert_int_equal(function.line, 1);
}

static void test_builtin(void **state)
{
	(void)state;
	read_function(fake_v8_function(&v8, fake_v8_text(&v8, "map"), v8.undefined));
	assert_string_equal(function.name, "map");
	assert_string_equal(function.file, "");
	assert_int_equal(function.line, 0);
	assert_true(function.is_builtin);
}

/* As later versions have it: flags beside a padding, the position before the locals. */
static void test_position_first(void **state)
{
	struct v8_constants constants = fake_v8_constants;
	uint64_t scope = fake_v8_object(&v8, fake_v8_constants.scope_type, 9);

	(void)state;
	constants.scope_first_local = 5;
	v8.heap.constants = &constants;
	fake_v8_set(&v8, scope, 8, 1 << 12 | 4);
	fake_v8_set(&v8, scope, 24, fake_v8_smi(1));
	fake_v8_set(&v8, scope, 32, fake_v8_smi(IN_FOUR));
	fake_v8_set(&v8, scope, 40, fake_v8_smi(IN_FOUR + 1));
	fake_v8_set(&v8, scope, 48, fake_v8_text(&v8, "a local"));
	fake_v8_set(&v8, scope, 64, fake_v8_text(&v8, "handle"));
	read_function(fake_v8_function(&v8, scope, script_named("/app/a.js")));
	assert_string_equal(function.name, "handle");
	assert_int_equal(function.line, 4);
}

static void test_line_ends(void **state)
{
	uint64_t script = script_named("/app/a.js");
	uint64_t ends = fake_v8_object(&v8, fake_v8_constants.array_type, 4);

	(void)state;
	fake_v8_set(&v8, ends, 8, fake_v8_smi(3));
	for (int i = 0; i < 3; i++)
		fake_v8_set(&v8, ends, 16 + 8 * i, fake_v8_smi(10 * (i + 1)));
	fake_v8_set(&v8, script, 56, ends);
	assert_int_equal(v8_script_line(&v8.heap, script, 0), 1);
	assert_int_equal(v8_script_line(&v8.heap, script, 10), 1);
	assert_int_equal(v8_script_line(&v8.heap, script, 11), 2);
	assert_int_equal(v8_script_line(&v8.heap, script, 30), 3);
	fake_v8_set(&v8, script, 24, fake_v8_smi(100));
	assert_int_equal(v8_script_line(&v8.heap, script, 11), 102);
}

static void test_counted_lines(void **state)
{
	static const struct {
		uint32_t position, line;
	} truth[] = {{0, 1}, {3, 1}, {4, 2}, {9, 3}, {14, 3}, {15, 4}, {20, 5}, {24, 5}};
	uint64_t script = script_named("/app/a.js");

	(void)state;
	for (size_t i = 0; i < sizeof(truth) / sizeof(*truth); i++)
		assert_int_equal(v8_script_line(&v8.heap, script, truth[i].position),
				 truth[i].line);
	assert_int_equal(v8_script_line(&v8.heap, script, 26), 0);
	assert_int_equal(v8_script_line(&v8.heap, script, UINT32_MAX), 0);
}

static void test_what_is_no_function(void **state)
{
	uint64_t scope = fake_v8_scope(&v8, 0, fake_v8_text(&v8, "handle"), 0);
	uint64_t object = fake_v8_function(&v8, scope, script_named("/app/a.js"));

	(void)state;
	assert_int_equal(v8_function_read(&v8.heap, fake_v8_smi(1), &function), -EINVAL);
	assert_int_equal(v8_function_read(&v8.heap, scope, &function), -EINVAL);
	assert_int_equal(v8_function_read(&v8.heap, 0x10001, &function), -EFAULT);
	fake_v8_set(&v8, scope, 24, fake_v8_smi(-1));
	assert_int_equal(v8_function_read(&v8.heap, object, &function), -EINVAL);
	fake_v8_set(&v8, scope, 24, fake_v8_smi(60000));
	assert_int_equal(v8_function_read(&v8.heap, object, &function), -EFAULT);
	fake_v8_set(&v8, object, 24, scope);
	assert_int_equal(v8_function_read(&v8.heap, object, &function), -EINVAL);
}

/* A constructor of a class is another kind of function, told by the types that follow. */
static void test_kinds(void **state)
{
	uint64_t scope = fake_v8_scope(&v8, 0, fake_v8_text(&v8, "Widget"), 0);
	uint64_t plain = fake_v8_function(&v8, scope, script_named("/app/a.js"));
	uint64_t class = fake_v8_object(&v8, fake_v8_constants.function_type + 12, 7);

	(void)state;
	memcpy(fake_v8_at(&v8, class, 24), fake_v8_at(&v8, plain, 24), 8);
	read_function(class);
	assert_string_equal(function.name, "Widget");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_named, set_up),
		cmocka_unit_test_setup(test_inferred, set_up),
		cmocka_unit_test_setup(test_anonymous, set_up),
		cmocka_unit_test_setup(test_builtin, set_up),
		cmocka_unit_test_setup(test_position_first, set_up),
		cmocka_unit_test_setup(test_line_ends, set_up),
		cmocka_unit_test_setup(test_counted_lines, set_up),
		cmocka_unit_test_setup(test_what_is_no_function, set_up),
		cmocka_unit_test_setup(test_kinds, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
