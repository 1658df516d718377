/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of perf maps as Node, Java and Python write them, and such as nobody does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "symbols/jit/jit_name.h"

struct row {
	const char *text;
	const char *function, *file;
	uint32_t line;
	enum frame_language language;
	bool is_runtime;
};

static const struct row rows[] = {
	{"JS:*handle /app/server.js:12:34", "handle", "/app/server.js", 12, FRAME_JAVASCRIPT,
	 false},
	{"JS:~ /app/my files/a b.js:1:1", "(anonymous)", "/app/my files/a b.js", 1,
	 FRAME_JAVASCRIPT, false},
	{"JS:^get size file:///app/a%20b.mjs:7:3", "get size", "/app/a b.mjs", 7, FRAME_JAVASCRIPT,
	 false},
	{"JS:*handle file:///app/100%.mjs:7:3", "handle", "/app/100%.mjs", 7, FRAME_JAVASCRIPT,
	 false},
	{"JS:+processTimers node:internal/timers:504:25", "processTimers", "node:internal/timers",
	 504, FRAME_JAVASCRIPT, true},
	{"LazyCompile:*emit events.js:315:44", "emit", "events.js", 315, FRAME_JAVASCRIPT, false},
	{"Function:~run /app/x.js:9", "run", "/app/x.js", 9, FRAME_JAVASCRIPT, false},
	{"Script:~ /app/x.js:1:1", "(anonymous)", "/app/x.js", 1, FRAME_JAVASCRIPT, false},
	{"Builtin:ArrayMap", "Builtin:ArrayMap", "", 0, FRAME_JAVASCRIPT, true},
	{"BytecodeHandler:LdaZero", "BytecodeHandler:LdaZero", "", 0, FRAME_JAVASCRIPT, true},
	{"RegExp:^(a+)+ /x:1:1", "RegExp:^(a+)+ /x:1:1", "", 0, FRAME_JAVASCRIPT, true},
	{"JS:", "(anonymous)", "", 0, FRAME_JAVASCRIPT, false},
	{"JS:*", "(anonymous)", "", 0, FRAME_JAVASCRIPT, false},
	{"JS::1:2", "(anonymous)", "", 1, FRAME_JAVASCRIPT, false},
	{"void java.lang.Thread.run()", "java.lang.Thread.run", "", 0, FRAME_JAVA, true},
	{"int com.example.Shop.total(java.util.List, int)", "com.example.Shop.total", "", 0,
	 FRAME_JAVA, false},
	{"void Busy.<init>()", "Busy.<init>", "", 0, FRAME_JAVA, false},
	{"Ljava/util/HashMap;::put", "java.util.HashMap.put", "", 0, FRAME_JAVA, true},
	{"com/example/Shop::total", "com.example.Shop.total", "", 0, FRAME_JAVA, false},
	{"io/netty/channel/nio/NioEventLoop::run", "io.netty.channel.nio.NioEventLoop.run", "", 0,
	 FRAME_JAVA, true},
	{"Interpreter", "Interpreter", "", 0, FRAME_NATIVE, true},
	{"py::handle:/app/server.py", "handle", "/app/server.py", 0, FRAME_PYTHON, false},
	{"std::vector::push", "std::vector::push", "", 0, FRAME_NATIVE, false},
	{"(", "(", "", 0, FRAME_NATIVE, false},
	{")", ")", "", 0, FRAME_NATIVE, false},
	{"::", "::", "", 0, FRAME_NATIVE, false},
	{"", "", "", 0, FRAME_NATIVE, false},
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct jit_name name;

		jit_name_parse(rows[i].text, strlen(rows[i].text), &name);
		if (strcmp(name.function, rows[i].function) != 0 ||
		    strcmp(name.file, rows[i].file) != 0 || name.line != rows[i].line)
			print_error("%s\n", rows[i].text);
		assert_string_equal(name.function, rows[i].function);
		assert_string_equal(name.file, rows[i].file);
		assert_int_equal(name.line, rows[i].line);
		assert_int_equal(name.language, rows[i].language);
		assert_int_equal(name.flags, rows[i].is_runtime ? FRAME_RUNTIME : 0);
	}
}

static void test_long_names_are_cut(void **state)
{
	char text[4096];
	struct jit_name name;

	(void)state;
	memset(text, 'x', sizeof(text));
	memcpy(text, "JS:*", 4);
	jit_name_parse(text, sizeof(text), &name);
	assert_int_equal(strlen(name.function), STACK_MAX_TEXT - 1);
	memcpy(text + 2000, " /", 2);
	memcpy(text + sizeof(text) - 4, ":1:2", 4);
	jit_name_parse(text, sizeof(text), &name);
	assert_int_equal(strlen(name.file), STACK_MAX_TEXT - 1);
	assert_int_equal(name.line, 1);
	memset(text, 'L', sizeof(text));
	memcpy(text + 2000, "/;::", 4);
	jit_name_parse(text, sizeof(text), &name);
	assert_int_equal(strlen(name.function), STACK_MAX_TEXT - 1);
}

static void test_numbers_are_bounded(void **state)
{
	static const char text[] = "JS:*f /a.js:99999999999999999999:1";
	struct jit_name name;

	(void)state;
	jit_name_parse(text, strlen(text), &name);
	assert_int_equal(name.language, FRAME_JAVASCRIPT);
	assert_string_equal(name.function, "f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_long_names_are_cut),
		cmocka_unit_test(test_numbers_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
