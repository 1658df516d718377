/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which processes the targets mean: families of real ones, and cgroups made of plain files. */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/target_processes.h"
#include "commands/unseen_threads.h"
#include "config/glob.h"

static bool has(const struct pid_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->nr; i++) {
		if (list->pids[i] == pid)
			return true;
	}
	return false;
}

/* A child that has a child, both asleep until the pipe's other end is closed. */
struct family {
	pid_t child, grandchild;
	int alive;
};

static struct family family_start(void)
{
	struct family family;
	int alive[2], born[2];
	char byte;

	assert_int_equal(pipe(alive) || pipe(born), 0);
	family.child = fork();
	if (!family.child) {
		pid_t grandchild = fork();

		close(alive[1]);
		if (grandchild)
			(void)!write(born[1], &grandchild, sizeof(grandchild));
		_exit(read(alive[0], &byte, 1) != 0);
	}
	close(alive[0]);
	assert_int_equal(read(born[0], &family.grandchild, sizeof(family.grandchild)),
			 sizeof(family.grandchild));
	close(born[0]);
	close(born[1]);
	family.alive = alive[1];
	return family;
}

static void family_end(const struct family *family)
{
	close(family->alive);
	waitpid(family->child, NULL, 0);
}

static void test_descendants(void **state)
{
	struct family family = family_start();
	struct watch_options options = {.pids = &family.child, .nr_pids = 1};
	_cleanup_(pid_list_done) struct pid_list with = {}, without = {};

	(void)state;
	options.scope.children = true;
	assert_int_equal(target_pids(&options, &with), 0);
	options.scope.children = false;
	assert_int_equal(target_pids(&options, &without), 0);
	family_end(&family);
	assert_int_equal(with.nr, 2);
	assert_true(has(&with, family.child) && has(&with, family.grandchild));
	assert_int_equal(without.nr, 1);
	assert_true(has(&without, family.child));
}

static void test_no_pids(void **state)
{
	struct watch_options options = {.scope = {.children = true}};
	_cleanup_(pid_list_done) struct pid_list list = {};

	(void)state;
	assert_int_equal(target_processes(&options, &list), 0);
	assert_int_equal(list.nr, 0);
}

static void test_all(void **state)
{
	struct watch_options options = {.scope = {.all = true}};
	_cleanup_(pid_list_done) struct pid_list list = {};

	(void)state;
	assert_int_equal(target_processes(&options, &list), 0);
	assert_true(has(&list, getpid()));
	assert_true(has(&list, 1));
}

/* With a pid and a name: that process whatever it is called, and any in which that name may be. */
static void test_candidates(void **state)
{
	struct watch_options options = {.nr_pids = 1, .scope = {.pids = true, .nr_globs = 1}};
	_cleanup_(pid_list_done) struct pid_list processes = {}, candidates = {};
	pid_t self = getpid();

	(void)state;
	options.pids = &self;
	assert_int_equal(target_processes(&options, &processes), 0);
	assert_int_equal(processes.nr, 1);
	assert_true(has(&processes, self));
	assert_int_equal(target_candidates(&options, &candidates), 0);
	assert_true(has(&candidates, self) && has(&candidates, 1));
}

static void test_names(void **state)
{
	static const struct {
		const char *thread, *process;
		bool matches;
	} cases[] = {
		{"node", "node", true},   {"worker", "node", true}, {"cron-1", "sh", true},
		{"cron-10", "sh", false}, {"sh", "sh", false},      {"", "", false},
	};
	struct comm_glob globs[2];

	(void)state;
	assert_int_equal(glob_compile("node*", &globs[0]), 0);
	assert_int_equal(glob_compile("cron-?", &globs[1]), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char thread[COMM_GLOB_COMM_LEN] = "", process[COMM_GLOB_COMM_LEN] = "";

		snprintf(thread, sizeof(thread), "%s", cases[i].thread);
		snprintf(process, sizeof(process), "%s", cases[i].process);
		assert_int_equal(target_name_matches(globs, 2, thread, process), cases[i].matches);
		assert_false(target_name_matches(globs, 0, thread, process));
	}
}

static void write_procs(const char *directory, const char *text)
{
	char path[256];
	FILE *file;

	assert_int_equal(mkdir(directory, 0700), 0);
	snprintf(path, sizeof(path), "%s/cgroup.procs", directory);
	file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void test_cgroups(void **state)
{
	char root[] = "/tmp/test_targets_XXXXXX", top[128], below[192], command[256];
	struct watch_options options = {.cgroups = {top}, .scope = {.nr_cgroups = 1}};
	_cleanup_(pid_list_done) struct pid_list list = {};

	(void)state;
	assert_non_null(mkdtemp(root));
	snprintf(top, sizeof(top), "%s/top", root);
	snprintf(below, sizeof(below), "%s/below", top);
	write_procs(top, "1001\n1002\n");
	write_procs(below, "1003\n");
	assert_int_equal(target_processes(&options, &list), 0);
	snprintf(command, sizeof(command), "rm -r %s", root);
	assert_int_equal(system(command), 0);
	assert_int_equal(list.nr, 3);
	assert_true(has(&list, 1001) && has(&list, 1002) && has(&list, 1003));
}

/* What of an unseen thread goes where in its report. */
static void test_unseen_report(void **state)
{
	static const struct {
		struct unseen_thread thread;
		enum cause where;
		int where_syscall;
	} cases[] = {
		{{.running = true, .syscall_nr = -1}, CAUSE_CPU, -1},
		{{.stopped = true, .syscall_nr = -1}, CAUSE_OTHER, -1},
		{{.syscall_nr = 0}, CAUSE_SYSCALL, 0},
		{{.syscall_nr = -1}, CAUSE_PAGE_FAULT, -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct loop_report report;

		unseen_thread_report(&cases[i].thread, 2000, 5000, &report);
		assert_int_equal(report.state, REPORT_UNSEEN);
		assert_int_equal(report.where, cases[i].where);
		assert_int_equal(report.where_syscall, cases[i].where_syscall);
		assert_int_equal(report.current_busy_ns, 3000);
		assert_nan(report.utilization);
		assert_nan(report.lag.p99);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_descendants),   cmocka_unit_test(test_no_pids),
		cmocka_unit_test(test_all),           cmocka_unit_test(test_cgroups),
		cmocka_unit_test(test_unseen_report), cmocka_unit_test(test_candidates),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests_name("targets", tests, NULL, NULL);
}
