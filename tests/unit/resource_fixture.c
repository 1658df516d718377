/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Starting programs whose input never ends, and asking for their resources. */
#include "resource_fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "identity/proc.h"
#include "unit.h"

/*
 * Until it waits for something: exec gives a process its file and its name before its arguments
 * and its environment.
 */
static void await_program(pid_t pid)
{
	struct proc_syscall syscall = {};
	int directory = proc_open(pid);

	assert_true(directory >= 0);
	do {
		if (proc_syscall_read(directory, "syscall", &syscall) < 0)
			fail_msg("process %d ended at once", pid);
	} while (syscall.running || syscall.nr < 0 || syscall.nr == SYS_execve);
	close(directory);
}

static pid_t start(const char *directory, const char *file, char *const arguments[],
		   char *const environment[])
{
	int ready[2], input[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		prctl(PR_SET_PDEATHSIG, SIGKILL); /* if the test fails */
		setenv("PATH", "/usr/bin:/bin:/usr/sbin:/usr/local/bin", 1);
		dup2(null, STDOUT_FILENO);
		/* the program has both ends itself: it waits for more as long as it lives */
		if (pipe(input) == 0)
			dup2(input[0], STDIN_FILENO);
		if ((!directory || chdir(directory) == 0))
			execvpe(file, arguments, environment);
		_exit(write(ready[1], "", 1) != 1);
	}
	assert_true(pid > 0);
	close(ready[1]);
	/* its end is closed by exec, and written to if that failed */
	if (read(ready[0], &byte, 1) != 0)
		fail_msg("cannot start %s", file);
	close(ready[0]);
	await_program(pid);
	return pid;
}

pid_t fixture_start(const char *directory, char *const arguments[], char *const environment[])
{
	return start(directory, arguments[0], arguments, environment);
}

pid_t fixture_start_file(const char *file, char *const arguments[])
{
	return start(NULL, file, arguments, (char *const[]){NULL});
}

void fixture_stop(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

void fixture_identify(pid_t pid, struct process_identity *ret_identity)
{
	struct identity_cache *cache;

	assert_int_equal(identity_cache_new(1, &cache), 0);
	*ret_identity = *identity_of(cache, pid, 0, 0);
	identity_cache_free(cache);
}

void fixture_resource(pid_t pid, const struct process_identity *identity,
		      const struct resource_options *options, struct attributes *ret_attributes)
{
	const struct resource_options plain = {.read_environment = true};
	struct proc_stat stat = {};
	struct resource_process process = {.pid = pid, .comm = stat.comm, .identity = identity};
	int directory = proc_open(pid);

	if (directory >= 0)
		proc_stat_read(directory, "stat", &stat);
	assert_int_equal(resource_of_process(&process, options ?: &plain, ret_attributes, NULL), 0);
	if (directory >= 0)
		close(directory);
}

void fixture_describe(pid_t pid, struct attributes *ret_attributes)
{
	struct process_identity identity;

	fixture_identify(pid, &identity);
	fixture_resource(pid, &identity, NULL, ret_attributes);
}

void fixture_assert_text(const struct attributes *set, const char *key, const char *text)
{
	const char *is = attributes_get_text(set, key);

	if (!is || strcmp(is, text) != 0)
		fail_msg("%s is %s, expected %s", key, is ?: "missing", text);
}
