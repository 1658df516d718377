/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Command lines: strict numbers, targets, and an error for everything else. */
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/cli.h"
#include "config/number.h"
#include "config/watch_options.h"
#include "observe/cgroup_subsys.h"

/* The kernel's answer, which these tests do without. */
int observer_cgroup_subsys(const char *controller)
{
	(void)controller;
	return -ENOENT;
}

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

/* Parses words separated by spaces. */
static int parse(const char *text, struct watch_options *options)
{
	char copy[256], *argv[16] = {"loopscope test"};
	int argc = 1;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		argv[argc++] = word;
	watch_options_init(options);
	return cli_parse(&watch_argp, argc, argv, options);
}

static void test_defaults(void **state)
{
	struct watch_options options;

	(void)state;
	assert_int_equal(parse("--all", &options), 0);
	assert_int_equal(options.scope.all, 1);
	assert_int_equal(options.scope.children, 1);
	assert_int_equal(options.scope.blocking_ns, 50 * MS);
	assert_null(options.edges);
	watch_options_done(&options);
}

static void test_targets(void **state)
{
	struct watch_options options;

	(void)state;
	assert_int_equal(parse("-p 12 --pid=13 -p12 --comm redis* --comm ng?nx --no-children "
			       "--blocking-ms 0.5 --edges=tp_btf",
			       &options),
			 0);
	assert_int_equal(options.nr_pids, 2);
	assert_int_equal(options.pids[0], 12);
	assert_int_equal(options.pids[1], 13);
	assert_int_equal(options.scope.pids, 1);
	assert_int_equal(options.scope.nr_globs, 2);
	assert_int_equal(options.scope.children, 0);
	assert_int_equal(options.scope.all, 0);
	assert_int_equal(options.scope.blocking_ns, MS / 2);
	assert_string_equal(options.edges, "tp_btf");
	watch_options_done(&options);
}

/* The same, for what must be refused: what it says on stderr is caught. */
static int parse_caught(const char *text, struct watch_options *options, char *said, size_t size)
{
	FILE *caught = tmpfile();
	int saved = dup(STDERR_FILENO), r;
	size_t length;

	assert_non_null(caught);
	dup2(fileno(caught), STDERR_FILENO);
	r = parse(text, options);
	dup2(saved, STDERR_FILENO);
	close(saved);
	rewind(caught);
	length = fread(said, 1, size - 1, caught);
	said[length] = '\0';
	fclose(caught);
	return r;
}

static void test_errors(void **state)
{
	static const char *const bad[] = {
		"",
		"--no-children",
		"-p",
		"-p 0",
		"-p x",
		"--pid=",
		"--all=1",
		"--nonsense",
		"-z",
		"-az",
		"--c x",
		"--all extra",
		"--all --blocking-ms -1",
		"--all --blocking-ms 1e9",
		"--all --edges kprobe",
		"--comm [a",
		"--comm a --comm b --comm c --comm d --comm e",
		"--comm 01234567890123456789012345678901",
		"--cgroup /proc",
		"--cgroup /nowhere/at/all",
		"--namespace",
		"--namespace=",
		"--all --pod=",
		"--all --container=",
		"--all --namespace [a",
		"--all --pod a[!b",
		"--all --container a\\",
		"--all --pod-label",
		"--all --pod-label app=web=1",
		"--all --pod-label app=-web",
		"--all --po web", /* --pod, or --pod-label */
	};
	struct watch_options options;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char said[1024];
		int r = parse_caught(bad[i], &options, said, sizeof(said));

		watch_options_done(&options);
		if (r != -EINVAL)
			fail_msg("'%s' gives %d", bad[i], r);
		if (strncmp(said, "loopscope test: ", 16) || !strstr(said, "--help") ||
		    strchr(said, '\n') != said + strlen(said) - 1)
			fail_msg("'%s' is answered by \"%s\"", bad[i], said);
	}
	assert_int_equal(cli_exit_status(-EINVAL), 2);
	assert_int_equal(cli_exit_status(-ENOMEM), 1);
	assert_int_equal(cli_exit_status(-ECANCELED), 0);
}

static const char *fruit_label(const void *object, const char *key)
{
	(void)object;
	return strcmp(key, "fruit") ? NULL : "pear";
}

/* Without a target, filters are on the whole machine. */
static void test_pods(void **state)
{
	struct watch_options options;

	(void)state;
	assert_int_equal(parse("--all", &options), 0);
	assert_false(pod_filter_asks(&options.pods));
	watch_options_done(&options);
	assert_int_equal(parse("--namespace sh* --pod=web-? --container main", &options), 0);
	assert_int_equal(options.scope.all, 1);
	assert_true(pod_filter_asks(&options.pods));
	assert_string_equal(options.pods.namespace, "sh*");
	assert_string_equal(options.pods.pod, "web-?");
	assert_string_equal(options.pods.container, "main");
	assert_null(options.pods.labels);
	watch_options_done(&options);
	assert_int_equal(parse("--pod-label nuts --pod-label fruit=pear -p 12", &options), 0);
	assert_int_equal(options.scope.all, 0);
	assert_true(pod_filter_asks(&options.pods));
	assert_true(label_selector_matches(options.pods.labels, fruit_label, NULL));
	watch_options_done(&options);
}

static void test_all_by_default(void **state)
{
	char *argv[] = {"loopscope test", NULL};
	struct watch_options options;

	(void)state;
	watch_options_init(&options);
	options.all_by_default = true;
	assert_int_equal(cli_parse(&watch_argp, 1, argv, &options), 0);
	assert_int_equal(options.scope.all, 1);
	watch_options_done(&options);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole_numbers), cmocka_unit_test(test_decimals),
		cmocka_unit_test(test_defaults),      cmocka_unit_test(test_targets),
		cmocka_unit_test(test_errors),        cmocka_unit_test(test_all_by_default),
		cmocka_unit_test(test_pods),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
