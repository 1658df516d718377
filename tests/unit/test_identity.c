/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Identity: hostile /proc texts, the table of runtimes, the bounded cache, and
 * why a pid cannot be watched; on real processes wherever one can be had.
 */
#include "unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/syscall_name.h"
#include "identity/identity.h"
#include "identity/proc.h"
#include "identity/runtime.h"
#include "record.h"

#define TAIL " S 7 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 123456 99 100 200 300 400 500"

static void stat_is_parsed(void **state)
{
	struct proc_stat stat;

	(void)state;
	assert_int_equal(proc_stat_parse("42 (redis-server)" TAIL, &stat), 0);
	assert_string_equal(stat.comm, "redis-server");
	assert_int_equal(stat.state, 'S');
	assert_int_equal(stat.parent, 7);
	assert_int_equal(stat.flags, 4194560);
	assert_int_equal(stat.nr_threads, 3);
	assert_int_equal(stat.start_ticks, 123456);
	assert_int_equal(stat.start_code, 300);
	assert_int_equal(stat.start_stack, 500);
}

static void stat_takes_any_comm(void **state)
{
	static const struct {
		const char *text, *comm;
	} cases[] = {
		{"1 ()" TAIL, ""},
		{"1 () R 1 (\n)" TAIL, ") R 1 (\n"},
		{"1 (:-) (-:)" TAIL, ":-) (-:"},
		{"1 (kworker/u8:3-events_unbound)" TAIL, "kworker/u8:3-ev"},
	};
	struct proc_stat stat;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(proc_stat_parse(cases[i].text, &stat), 0);
		assert_string_equal(stat.comm, cases[i].comm);
		assert_int_equal(stat.start_ticks, 123456);
	}
}

static void stat_refuses_what_is_none(void **state)
{
	static const char *const texts[] = {"", "1", "1 (", ")1(" TAIL, "1 (a) S 7 1 1 0", "1 (a)"};
	struct proc_stat stat;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(proc_stat_parse(texts[i], &stat), -EBADMSG);
}

static void syscall_is_parsed(void **state)
{
	struct proc_syscall syscall;

	(void)state;
	assert_int_equal(proc_syscall_parse("running\n", &syscall), 0);
	assert_true(syscall.running);
	assert_int_equal(syscall.nr, -1);
	assert_int_equal(
		proc_syscall_parse("232 0x5 0x7ffe0 0x80 0xffffffff 0x0 0x0 0x1 0x2\n", &syscall),
		0);
	assert_false(syscall.running);
	assert_int_equal(syscall.nr, 232);
	assert_int_equal(syscall.args[0], 5);
	assert_int_equal(syscall.args[3], 0xffffffff);
	assert_int_equal(syscall.sp, 1);
	assert_int_equal(syscall.pc, 2);
	assert_int_equal(proc_syscall_parse("-1 0x7ffe0 0x401000\n", &syscall), 0);
	assert_int_equal(syscall.nr, -1);
	assert_int_equal(syscall.sp, 0);
	assert_int_equal(syscall.pc, 0);
	assert_int_equal(proc_syscall_parse("", &syscall), -EBADMSG);
}

static void syscalls_have_names(void **state)
{
	char buffer[SYSCALL_NAME_LEN];

	(void)state;
	assert_string_equal(syscall_name(SYS_fsync, buffer), "fsync");
	assert_string_equal(syscall_name(SYS_epoll_pwait2, buffer), "epoll_pwait2");
	assert_string_equal(syscall_name(RECORD_SYSCALL_OTHER, buffer), "other");
	assert_string_equal(syscall_name(99999, buffer), "sys_99999");
	assert_string_equal(syscall_name(-7, buffer), "sys_-7");
	assert_string_equal(syscall_name(INT32_MIN, buffer), "sys_-2147483648");
}

static const char *told(enum runtime_evidence evidence, const char *name)
{
	return runtime_name(runtime_match(evidence, name, RUNTIME_UNKNOWN));
}

static void runtimes_are_told(void **state)
{
	(void)state;
	assert_string_equal(told(EVIDENCE_EXECUTABLE, "redis-check-rdb"), "redis");
	assert_string_equal(told(EVIDENCE_EXECUTABLE, "valkey-server"), "redis");
	assert_string_equal(told(EVIDENCE_EXECUTABLE, "python3.11"), "python");
	assert_string_equal(told(EVIDENCE_EXECUTABLE, "beam.smp"), "erlang");
	assert_string_equal(told(EVIDENCE_LIBRARY, "libjvm.so"), "java");
	assert_string_equal(told(EVIDENCE_LIBRARY, "libevent-2.1.so.7.0.1"), "libevent");
	assert_string_equal(told(EVIDENCE_LIBRARY, "libevent_core-2.1.so.7"), "libevent");
	assert_string_equal(told(EVIDENCE_SECTION, ".go.buildinfo"), "go");
	assert_null(told(EVIDENCE_EXECUTABLE, "redis-cli"));
	assert_null(told(EVIDENCE_EXECUTABLE, "libuv.so.1"));
	assert_null(told(EVIDENCE_EXECUTABLE, "\xff\xfe*[?\n"));
	assert_null(told(EVIDENCE_EXECUTABLE, ""));
}

static void runtimes_have_precedence(void **state)
{
	size_t best = runtime_match(EVIDENCE_LIBRARY, "libuv.so.1.0.0", RUNTIME_UNKNOWN);

	(void)state;
	best = runtime_match(EVIDENCE_LIBRARY, "libnode.so.108", best);
	assert_string_equal(runtime_name(best), "node");
	best = runtime_match(EVIDENCE_LIBRARY, "libpython3.11.so.1.0", best);
	assert_string_equal(runtime_name(best), "node");
	/* a Go program may be called anything */
	best = runtime_match(EVIDENCE_SECTION, ".note.go.buildid", best);
	assert_string_equal(runtime_name(best), "go");
}

/* A process that sleeps until it is killed. */
static pid_t start_sleeper(const char *path)
{
	pid_t pid = fork();

	if (pid == 0) {
		if (path)
			execl(path, path, "1000", (char *)NULL);
		else
			pause();
		_exit(1);
	}
	assert_true(pid > 0);
	return pid;
}

static void stop_sleeper(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void copy_file(const char *from, const char *to)
{
	_cleanup_(closep) int in = open(from, O_RDONLY | O_CLOEXEC);
	_cleanup_(closep) int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	struct stat stat;

	assert_true(in >= 0 && out >= 0);
	assert_int_equal(fstat(in, &stat), 0);
	assert_int_equal(sendfile(out, in, NULL, stat.st_size), stat.st_size);
}

static void pause_briefly(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

/* Waits until the process has gone through its exec. */
static void await_executable(pid_t pid, const char *path)
{
	char link[64], target[256];

	snprintf(link, sizeof(link), "/proc/%d/exe", pid);
	for (int i = 0; i < 10000; i++) {
		ssize_t length = readlink(link, target, sizeof(target) - 1);

		if (length > 0 && (size_t)length == strlen(path) &&
		    memcmp(target, path, length) == 0)
			return;
		pause_briefly();
	}
	fail_msg("%d has not become %s", pid, path);
}

/* The identity of a process that runs sleep under another file's name. */
static struct process_identity identity_of_renamed(const char *name, bool remove_it)
{
	char directory[] = "/tmp/test_identity.XXXXXX", path[256];
	struct identity_cache *cache;
	struct process_identity identity;
	pid_t pid;

	assert_non_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	copy_file("/bin/sleep", path);
	pid = start_sleeper(path);
	await_executable(pid, path);
	if (remove_it)
		unlink(path);
	assert_int_equal(identity_cache_new(1, &cache), 0);
	identity = *identity_of(cache, pid, 0, 0);
	identity_cache_free(cache);
	stop_sleeper(pid);
	unlink(path);
	rmdir(directory);
	return identity;
}

static void executables_are_told(void **state)
{
	struct process_identity identity = identity_of_renamed("redis-server", false);

	(void)state;
	assert_string_equal(identity.runtime, "redis");
	assert_string_equal(strrchr(identity.executable, '/'), "/redis-server");
	assert_true(identity.start_ticks > 0);
	assert_int_equal(identity.cgroup[0], '/');
	/* replaced by an upgrade, while it runs */
	identity = identity_of_renamed("haproxy", true);
	assert_string_equal(identity.runtime, "haproxy");
	assert_string_equal(strrchr(identity.executable, '/'), "/haproxy (deleted)");
	identity = identity_of_renamed("\033[31m\n %s (deleted) r-xp", false);
	assert_null(identity.runtime);
}

static void libraries_are_told(void **state)
{
	struct identity_cache *cache;
	void *library = dlopen("libuv.so.1", RTLD_NOW);
	pid_t pid;

	(void)state;
	if (!library) {
		print_message("skipped: no libuv.so.1\n");
		skip();
	}
	pid = start_sleeper(NULL);
	assert_int_equal(identity_cache_new(1, &cache), 0);
	assert_string_equal(identity_of(cache, pid, 0, 0)->runtime, "libuv");
	identity_cache_free(cache);
	stop_sleeper(pid);
	dlclose(library);
}

static void cache_is_bounded(void **state)
{
	const pid_t pid = getpid();
	struct identity_cache *cache;

	(void)state;
	assert_int_equal(identity_cache_new(2, &cache), 0);
	/* an exec is another process; what was used last stays */
	identity_of(cache, pid, 0, 1);
	identity_of(cache, pid, 0, 2);
	assert_int_equal(identity_cache_evictions(cache), 0);
	identity_of(cache, pid, 0, 1);
	identity_of(cache, pid, 0, 3);
	assert_int_equal(identity_cache_evictions(cache), 1);
	identity_of(cache, pid, 0, 1);
	assert_int_equal(identity_cache_evictions(cache), 1);
	identity_of(cache, pid, 0, 2);
	assert_int_equal(identity_cache_evictions(cache), 2);
	identity_cache_free(cache);
	identity_cache_free(NULL);
}

static void vanished_is_empty(void **state)
{
	const struct process_identity *identity;
	struct identity_cache *cache;
	pid_t pid = start_sleeper(NULL);

	(void)state;
	stop_sleeper(pid);
	assert_int_equal(identity_cache_new(4, &cache), 0);
	identity = identity_of(cache, pid, 0, 0);
	assert_non_null(identity);
	assert_null(identity->runtime);
	assert_string_equal(identity->executable, "");
	/* a pid in use again: this process is younger than the loop */
	identity = identity_of(cache, getpid(), 1, 0);
	assert_string_equal(identity->executable, "");
	assert_int_equal(identity->start_ticks, 0);
	identity = identity_of(cache, getpid(), UINT64_MAX, 0);
	assert_string_not_equal(identity->executable, "");
	identity_cache_free(cache);
}

static void *report_tid(void *fd)
{
	pid_t tid = gettid();

	assert_int_equal(write((int)(intptr_t)fd, &tid, sizeof(tid)), sizeof(tid));
	pause();
	return NULL;
}

static void pids_have_problems(void **state)
{
	pid_t pid = start_sleeper(NULL);

	(void)state;
	assert_null(identity_pid_problem(getpid()));
	assert_null(identity_pid_problem(pid));
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, pid, &(siginfo_t){}, WEXITED | WNOWAIT), 0);
	assert_non_null(strstr(identity_pid_problem(pid), "a zombie"));
	stop_sleeper(pid);
	assert_string_equal(identity_pid_problem(pid), "no such process");
	assert_string_equal(identity_pid_problem(0), "no such process");
	assert_string_equal(identity_pid_problem(-1), "no such process");
	assert_string_equal(identity_pid_problem(INT32_MIN), "no such process");
	/* kthreadd, where the initial pid namespace is in sight */
	if (access("/proc/2/exe", F_OK) != 0 && access("/proc/2/stat", F_OK) == 0)
		assert_string_equal(identity_pid_problem(2), "a kernel thread");
}

static void threads_have_leaders(void **state)
{
	char expected[80];
	int ends[2];
	pthread_t thread;
	pid_t tid;

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pthread_create(&thread, NULL, report_tid, (void *)(intptr_t)ends[1]), 0);
	assert_int_equal(read(ends[0], &tid, sizeof(tid)), sizeof(tid));
	snprintf(expected, sizeof(expected), "a thread of process %d: use --pid %d", getpid(),
		 getpid());
	assert_string_equal(identity_pid_problem(tid), expected);
	pthread_cancel(thread);
	pthread_join(thread, NULL);
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stat_is_parsed),
		cmocka_unit_test(stat_takes_any_comm),
		cmocka_unit_test(stat_refuses_what_is_none),
		cmocka_unit_test(syscall_is_parsed),
		cmocka_unit_test(syscalls_have_names),
		cmocka_unit_test(runtimes_are_told),
		cmocka_unit_test(runtimes_have_precedence),
		cmocka_unit_test(executables_are_told),
		cmocka_unit_test(libraries_are_told),
		cmocka_unit_test(cache_is_bounded),
		cmocka_unit_test(vanished_is_empty),
		cmocka_unit_test(pids_have_problems),
		cmocka_unit_test(threads_have_leaders),
	};

	return cmocka_run_group_tests_name("identity", tests, NULL, NULL);
}
