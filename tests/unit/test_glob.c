/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Globs over a comm, compiled: the same answers as fnmatch's. */
#include "unit.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "config/glob.h"

static bool matches(const char *pattern, const char *name)
{
	char comm[COMM_GLOB_COMM_LEN] = {};
	struct comm_glob glob;

	if (glob_compile(pattern, &glob))
		fail_msg("'%s' does not compile", pattern);
	strncpy(comm, name, sizeof(comm) - 1);
	return comm_glob_match(&glob, comm);
}

static void assert_as_fnmatch(const char *pattern, const char *name)
{
	bool expected = !fnmatch(pattern, name, 0);

	if (matches(pattern, name) != expected)
		fail_msg("'%s' %s '%s'", pattern, expected ? "must match" : "must not match", name);
}

static void test_as_fnmatch(void **state)
{
	static const char *const patterns[] = {
		"*",       "**",      "?",          "a",       "redis*",  "*server",
		"re*er",   "*a*b*c*", "[a-z]*",     "[!a-z]*", "[^a-z]*", "[]a]x",
		"[!]a]x",  "[a-]",    "[-a]",       "\\*",     "a\\?b",   "[\\]]",
		"[a\\-z]", "[a-c-e]", "node-[0-9]", "?????",   "x**y",    "[[]",
		"*[!x]",   "\\a",     "a*b*",       "???*",    "*?",      "[0-9a-f][0-9a-f]*",
	};
	static const char *const names[] = {
		"",
		"a",
		"b",
		"ab",
		"abc",
		"redis-server",
		"redis",
		"server",
		"node-1",
		"node-x",
		"*",
		"a?b",
		"a]",
		"]x",
		"ax",
		"bx",
		"-",
		"z",
		"xy",
		"xaay",
		"[",
		"1",
		"A",
		"12345",
		"ff01",
		"\xff",
		"a b",
		"aXbYc",
		"fifteen-letters",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		for (size_t j = 0; j < ARRAY_SIZE(names); j++)
			assert_as_fnmatch(patterns[i], names[j]);
	}
}

/* Few letters, so that many of them match. */
static void test_random_as_fnmatch(void **state)
{
	static const char *const pieces[] = {"a", "b", "*", "?", "[ab]", "[!a]", "\\*", "[a-b]"};
	struct random random = {42};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		char pattern[64] = "", name[COMM_GLOB_COMM_LEN] = "";
		size_t nr = 1 + random_below(&random, 8), length = random_below(&random, 10);

		while (nr--)
			strcat(pattern, pieces[random_below(&random, ARRAY_SIZE(pieces))]);
		for (size_t j = 0; j < length; j++)
			name[j] = "abc*"[random_below(&random, 4)];
		assert_as_fnmatch(pattern, name);
	}
}

/* A comm that fills its field has no NUL. */
static void test_unterminated(void **state)
{
	struct comm_glob glob;
	char comm[COMM_GLOB_COMM_LEN];

	(void)state;
	memset(comm, 'a', sizeof(comm));
	assert_int_equal(glob_compile("a*a", &glob), 0);
	assert_true(comm_glob_match(&glob, comm));
	assert_int_equal(glob_compile("aaaaaaaaaaaaaaa", &glob), 0);
	assert_false(comm_glob_match(&glob, comm));
}

static void test_refused(void **state)
{
	static const char *const patterns[] = {"",    "[",     "[a",          "[!",
					       "[]",  "[!]",   "a\\",         "[\\",
					       "[a-", "[z-a]", "[[:alpha:]]", "[a\\]"};
	struct comm_glob glob;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		if (glob_compile(patterns[i], &glob) != -EINVAL)
			fail_msg("'%s' is accepted", patterns[i]);
	}
}

static void test_longest(void **state)
{
	char pattern[COMM_GLOB_MAX_POSITIONS + 2];
	struct comm_glob glob;

	(void)state;
	memset(pattern, '?', sizeof(pattern));
	pattern[COMM_GLOB_MAX_POSITIONS + 1] = '\0';
	assert_int_equal(glob_compile(pattern, &glob), -E2BIG);
	pattern[COMM_GLOB_MAX_POSITIONS] = '\0';
	assert_int_equal(glob_compile(pattern, &glob), 0);
	for (int i = 0; i < COMM_GLOB_MAX_POSITIONS - 1; i += 2)
		memcpy(pattern + i, "*?", 2);
	assert_int_equal(glob_compile(pattern, &glob), 0);
	assert_true(comm_glob_match(&glob, "aaaaaaaaaaaaaaaa"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_fnmatch),   cmocka_unit_test(test_random_as_fnmatch),
		cmocka_unit_test(test_unterminated), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests_name("glob", tests, NULL, NULL);
}
