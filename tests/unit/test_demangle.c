/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names as compilers make them, and whose they are. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "symbols/process/code_file.h"
#include "symbols/native/demangle.h"

static void names(void **state)
{
	static const struct {
		const char *symbol, *name;
		enum frame_language language;
	} rows[] = {
		{"main", "main", FRAME_NATIVE},
		{"", "", FRAME_NATIVE},
		{"burn.constprop.0", "burn", FRAME_NATIVE},
		{"burn.isra.0.cold", "burn", FRAME_NATIVE},
		{"write@@GLIBC_2.2.5", "write", FRAME_NATIVE},
		{"main.handle", "main.handle", FRAME_NATIVE},
		{"_ZN3app5serveEi", "app::serve", FRAME_CPP},
		{"_ZN3app12_GLOBAL__N_14burnIlEEvT_", "app::(anonymous namespace)::burn<long>",
		 FRAME_CPP},
		{"_ZN3app5serveEi.cold", "app::serve", FRAME_CPP},
		{"_ZNSt6vectorIiSaIiEE9push_backERKi",
		 "std::vector<int, std::allocator<int> >::push_back", FRAME_CPP},
		{"_ZN5calls4shop5serve17h0123456789abcdefE", "calls::shop::serve", FRAME_RUST},
		{"_ZN56_$LT$calls..shop..Order$u20$as$u20$calls..shop..Work$GT$"
		 "4work17h0123456789abcdefE",
		 "<calls::shop::Order as calls::shop::Work>::work", FRAME_RUST},
		{"_RNvNtCs1234_7mycrate3foo3bar", "mycrate::foo::bar", FRAME_RUST},
		{"_Znonsense", "_Znonsense", FRAME_NATIVE},
		{".cold", ".cold", FRAME_NATIVE},
		{"@", "@", FRAME_NATIVE},
	};
	char name[STACK_MAX_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		enum frame_language language = demangle(rows[i].symbol, name);

		assert_string_equal(name, rows[i].name);
		assert_int_equal(language, rows[i].language);
	}
}

static void long_ones_are_cut(void **state)
{
	static const size_t sizes[] = {511, 512, 513, 8191, 8192, 65536};
	char name[STACK_MAX_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		char *symbol = malloc(sizes[i] + 1);

		assert_non_null(symbol);
		memset(symbol, 'a', sizes[i]);
		symbol[sizes[i]] = '\0';
		demangle(symbol, name);
		assert_int_equal(strlen(name), STACK_MAX_TEXT - 1);
		free(symbol);
	}
}

/* A few hundred bytes that stand for more of them than there are atoms. */
static void one_that_doubles_is_cut(void **state)
{
	char symbol[2048] = "_Z1f1aIiiE", name[STACK_MAX_TEXT];

	(void)state;
	for (int i = 1; i < 100; i++) {
		char part[16];

		if (i <= 36)
			snprintf(part, sizeof(part), "S%c_", i <= 10 ? '0' + i - 1 : 'A' + i - 11);
		else
			snprintf(part, sizeof(part), "S%c%c_", '0' + (i - 1) / 36,
				 (i - 1) % 36 < 10 ? '0' + (i - 1) % 36 : 'A' + (i - 1) % 36 - 10);
		snprintf(symbol + strlen(symbol), sizeof(symbol) - strlen(symbol), "1aI%s%sE", part,
			 part);
	}
	demangle(symbol, name);
	assert_in_range(strlen(name), 1, STACK_MAX_TEXT - 1);
}

static void whose_files_are(void **state)
{
	static const char *const of_runtime[] = {
		"/usr/lib/x86_64-linux-gnu/libc.so.6",
		"/lib/ld-musl-x86_64.so.1",
		"/usr/lib64/ld-linux-x86-64.so.2",
		"/lib/libc-2.31.so",
		"/usr/lib/libstdc++.so.6.0.30",
		"/usr/bin/python3.11",
		"/root/.pyenv/versions/3.11.7/lib/libpython3.11.so.1.0",
		"/usr/bin/node",
		"/usr/lib/jvm/java-17/lib/server/libjvm.so",
		"/usr/lib/libcrypto.so.3",
		"/usr/lib/libz.so.1.2.13",
		"/usr/lib/python3.11/lib-dynload/_json.so",
		"/venv/lib/python3.11/site-packages/uvloop/loop.so",
		"[vdso]",
	};
	static const char *const of_applications[] = {
		"/usr/bin/redis-server",  "/usr/sbin/nginx",
		"/srv/nodebalancer",      "/srv/libcustomer.so",
		"/srv/javascriptd",       "/usr/bin/ldapd",
		"/opt/app/libmystuff.so", "",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(of_runtime); i++) {
		if (!code_file_is_runtime(of_runtime[i]))
			fail_msg("%s is not of a runtime", of_runtime[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(of_applications); i++) {
		if (code_file_is_runtime(of_applications[i]))
			fail_msg("%s is of a runtime", of_applications[i]);
	}
}

static void whose_functions_are(void **state)
{
	static const char *const of_runtime[] = {
		"std::thread::sleep",
		"core::ops::function::FnOnce::call_once",
		"<alloc::vec::Vec<T> as core::ops::Drop>::drop",
		"<&mut tokio::runtime::Runtime as core::fmt::Debug>::fmt",
		"tokio::runtime::park::Inner::park",
		"std::for_each<int*>",
		"runtime.mcall",
	};
	static const char *const of_applications[] = {
		"<app::Handler as core::future::future::Future>::poll",
		"app::std::work",
		"stdout_writer",
		"main",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(of_runtime); i++) {
		if (!function_is_runtime(of_runtime[i]))
			fail_msg("%s is not of a runtime", of_runtime[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(of_applications); i++) {
		if (function_is_runtime(of_applications[i]))
			fail_msg("%s is of a runtime", of_applications[i]);
	}
}

static void whose_sources_are(void **state)
{
	(void)state;
	assert_true(source_is_runtime("/rustc/0123/library/core/src/ops/function.rs"));
	assert_true(source_is_runtime("/root/.cargo/registry/src/index/serde_json-1.0/src/de.rs"));
	assert_true(source_is_runtime("/usr/include/c++/12/bits/stl_algo.h"));
	assert_true(source_is_runtime("/usr/local/go/src/runtime/proc.go"));
	assert_false(source_is_runtime("/go/src/shop/main.go"));
	assert_false(source_is_runtime("/home/me/shop/src/main.rs"));
	assert_false(source_is_runtime(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(long_ones_are_cut),
		cmocka_unit_test(one_that_doubles_is_cut),
		cmocka_unit_test(whose_files_are),
		cmocka_unit_test(whose_functions_are),
		cmocka_unit_test(whose_sources_are),
	};

	return cmocka_run_group_tests_name("demangle", tests, NULL, NULL);
}
