/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Command lines: targets, what is left out of them, and an error for everything else. */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/cli.h"
#include "config/watch_options.h"
#include "observe/cgroup_subsys.h"
#include "record.h"

/* The kernel's answer, which these tests do without. */
int observer_cgroup_subsys(const char *controller)
{
	(void)controller;
	return -ENOENT;
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
		"--all --not-comm",
		"--all --not-comm=",
		"--not-comm [a",
		"--not-comm 0123456789012345", /* names are shorter */
		"--not-comm 01234567890123456789012345678901",
		"--not-comm a --not-comm b --not-comm c --not-comm d --not-comm e",
		"--wait poll", /* of what? */
		"--all --wait",
		"--all --wait=",
		"--all --wait none",
		"--all --wait EPOLL",
		"--all --wait epoll_wait",
		"--all --wait 1",
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

static bool glob_matches_text(const struct comm_glob *glob, const char *text)
{
	char comm[COMM_GLOB_COMM_LEN] = "";

	snprintf(comm, sizeof(comm), "%s", text);
	return comm_glob_match(glob, comm);
}

/* Alone it leaves something out of the whole machine. */
static void test_not_comm(void **state)
{
	struct watch_options options;
	const struct scope_config *scope = &options.scope;

	(void)state;
	assert_int_equal(parse("--not-comm node* --not-comm=[a-c]d", &options), 0);
	assert_int_equal(scope->all, 1);
	assert_int_equal(scope->nr_globs, 0);
	assert_int_equal(scope->nr_not_globs, 2);
	assert_true(glob_matches_text(&scope->not_globs[0], "nodejs"));
	assert_false(glob_matches_text(&scope->not_globs[0], "anode"));
	assert_true(glob_matches_text(&scope->not_globs[1], "bd"));
	watch_options_done(&options);
	assert_int_equal(parse("-p 12 --comm web --not-comm a --not-comm b --not-comm c "
			       "--not-comm d",
			       &options),
			 0);
	assert_int_equal(scope->all, 0);
	assert_int_equal(scope->pids, 1);
	assert_int_equal(scope->nr_globs, 1);
	assert_int_equal(scope->nr_not_globs, 4);
	assert_true(glob_matches_text(&scope->globs[0], "web"));
	assert_true(glob_matches_text(&scope->not_globs[3], "d"));
	watch_options_done(&options);
	assert_int_equal(parse("--not-comm a --namespace shop", &options), 0);
	assert_int_equal(scope->all, 1);
	assert_true(pod_filter_asks(&options.pods));
	watch_options_done(&options);
}

static void test_wait_family(void **state)
{
	static const struct {
		const char *arguments;
		enum wait_family family;
	} cases[] = {
		{"--all", WAIT_NONE},
		{"--all --wait auto", WAIT_NONE},
		{"--all --wait epoll", WAIT_EPOLL},
		{"--all --wait=poll", WAIT_POLL},
		{"--all --wait select", WAIT_SELECT},
		{"--all --wait io_uring", WAIT_IO_URING},
		{"--all --wait aio", WAIT_AIO},
	};
	struct watch_options options;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(parse(cases[i].arguments, &options), 0);
		assert_int_equal(options.scope.wait_family, cases[i].family);
		watch_options_done(&options);
	}
	assert_int_not_equal(parse("--all --wait aio --wait poll", &options), 0);
	watch_options_done(&options);
	assert_int_not_equal(parse("--all --wait auto --wait poll", &options), 0);
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
		cmocka_unit_test(test_defaults),    cmocka_unit_test(test_targets),
		cmocka_unit_test(test_errors),      cmocka_unit_test(test_all_by_default),
		cmocka_unit_test(test_pods),        cmocka_unit_test(test_not_comm),
		cmocka_unit_test(test_wait_family),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
