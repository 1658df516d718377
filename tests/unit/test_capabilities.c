/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Capabilities given up, started as root and as systemd starts a service of
 * another user; what can still be read of a process of somebody else. In
 * children of its own: what is given up does not come back.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/capabilities.h"
#include "base/cleanup.h"

#define NOBODY 65534
#define SERVICE 65533

static const cap_value_t kept[] = {CAP_BPF, CAP_PERFMON, CAP_SYS_PTRACE, CAP_DAC_READ_SEARCH};

static uint64_t kept_mask(void)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		mask |= 1ULL << kept[i];
	return mask;
}

/* The number behind a name of /proc/self/status. */
static uint64_t status(const char *name, int base)
{
	_cleanup_(fclosep) FILE *file = fopen("/proc/self/status", "re");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		if (!strncmp(line, name, strlen(name)))
			return strtoull(line + strlen(name), NULL, base);
	}
	return ~0ULL;
}

/* A process of user nobody, with SECRET in its environment: running once this has returned. */
static pid_t start_nobody(void)
{
	char *const arguments[] = {"sleep", "1000", NULL};
	char *const environment[] = {"SECRET=of nobody", NULL};
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		if (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY))
			_exit(1);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execve("/bin/sleep", arguments, environment);
		_exit(1);
	}
	assert_true(pid > 0);
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 0); /* closed by exec */
	close(ready[0]);
	return pid;
}

static bool reads(pid_t pid, const char *name, const char *want)
{
	char path[64], text[4096];
	ssize_t size;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	size = read(fd, text, sizeof(text));
	close(fd);
	return size > 0 && memmem(text, size, want, strlen(want));
}

static bool reads_link(pid_t pid, const char *name, const char *want)
{
	char path[64], text[4096];
	ssize_t size;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	size = readlink(path, text, sizeof(text));
	return size > 0 && memmem(text, size, want, strlen(want));
}

/* What a child found wrong; NULL if nothing. */
typedef const char *(*child_fn)(pid_t nobody);

static const char *cannot_read(pid_t nobody)
{
	if (!reads(nobody, "environ", "SECRET=of nobody"))
		return "environ cannot be read";
	if (!reads(nobody, "maps", "sleep"))
		return "maps cannot be read";
	if (!reads_link(nobody, "exe", "sleep") && !reads_link(nobody, "exe", "coreutils"))
		return "exe cannot be read";
	return NULL;
}

static const char *drop_and_look(pid_t nobody)
{
	uint64_t had = status("CapPrm:", 16);

	if (capabilities_drop())
		return "capabilities_drop failed";
	if (status("CapPrm:", 16) != (had & kept_mask()))
		return "permitted are not those";
	if (status("CapEff:", 16) != (had & kept_mask()))
		return "in effect are not those";
	if (status("CapInh:", 16) || status("CapAmb:", 16))
		return "some are inheritable or ambient";
	if (status("NoNewPrivs:", 10) != 1)
		return "no_new_privs is not set";
	if (!setuid(0) && getuid() != 0)
		return "became root";
	return cannot_read(nobody);
}

static const char *as_root(pid_t nobody)
{
	const char *problem = drop_and_look(nobody);

	if (!problem && status("CapBnd:", 16) & ~kept_mask())
		return "the bounding set has more";
	if (!problem && capabilities_drop())
		return "a second call failed";
	return problem;
}

/* As systemd does for User= and AmbientCapabilities=. */
static bool become_service(const cap_value_t *values, int nr)
{
	_cleanup_(freep) char *text = NULL;
	cap_t set = cap_init();
	bool ok;

	if (prctl(PR_SET_KEEPCAPS, 1) || setresgid(SERVICE, SERVICE, SERVICE) ||
	    setresuid(SERVICE, SERVICE, SERVICE))
		return false;
	ok = !nr || (!cap_set_flag(set, CAP_PERMITTED, nr, values, CAP_SET) &&
		     !cap_set_flag(set, CAP_EFFECTIVE, nr, values, CAP_SET) &&
		     !cap_set_flag(set, CAP_INHERITABLE, nr, values, CAP_SET));
	ok = ok && !cap_set_proc(set);
	for (int i = 0; ok && i < nr; i++)
		ok = !cap_set_ambient(values[i], CAP_SET);
	cap_free(set);
	/* as exec makes it: else /proc/self is root's */
	return ok && !prctl(PR_SET_DUMPABLE, 1);
}

static const char *as_service(pid_t nobody)
{
	if (!become_service(kept, ARRAY_SIZE(kept)))
		return "could not become the service";
	if (status("CapAmb:", 16) != kept_mask())
		return "not started as intended";
	return drop_and_look(nobody);
}

/* With nothing to begin with, it goes on, and reads nothing: so the others can fail. */
static const char *as_nobody_much(pid_t nobody)
{
	if (!become_service(NULL, 0))
		return "could not become the service";
	if (capabilities_drop() || status("CapEff:", 16))
		return "dropping nothing failed";
	return cannot_read(nobody) ? NULL : "environ of another user can be read";
}

/* Where CAP_BPF was not given, what stands for it is kept, and only then. */
static const char *with_sys_admin(pid_t nobody)
{
	static const cap_value_t values[] = {CAP_SYS_ADMIN, CAP_PERFMON, CAP_NET_ADMIN};

	(void)nobody;
	if (!become_service(values, ARRAY_SIZE(values)) || capabilities_drop())
		return "could not drop";
	return status("CapEff:", 16) == (1ULL << CAP_SYS_ADMIN | 1ULL << CAP_PERFMON)
		       ? NULL
		       : "in effect are not those";
}

static void run(child_fn child)
{
	char problem[128] = "";
	pid_t nobody, pid;
	int result[2];
	ssize_t size;

	if (geteuid() != 0)
		skip();
	nobody = start_nobody();
	assert_int_equal(pipe2(result, O_CLOEXEC), 0);
	pid = fork();
	if (!pid) {
		const char *text = child(nobody);

		if (text && write(result[1], text, strlen(text)) < 0)
			_exit(1);
		_exit(0); /* no leak check: it wants to trace this process */
	}
	close(result[1]);
	size = read(result[0], problem, sizeof(problem) - 1);
	close(result[0]);
	waitpid(pid, NULL, 0);
	kill(nobody, SIGKILL);
	waitpid(nobody, NULL, 0);
	assert_true(size >= 0);
	assert_string_equal(problem, "");
}

static void test_as_root(void **state)
{
	(void)state;
	run(as_root);
}

static void test_as_service(void **state)
{
	(void)state;
	run(as_service);
}

static void test_without_any(void **state)
{
	(void)state;
	run(as_nobody_much);
}

static void test_with_sys_admin(void **state)
{
	(void)state;
	run(with_sys_admin);
}

int main(void)
{
	const struct CMUnitTest capabilities[] = {
		cmocka_unit_test(test_as_root),
		cmocka_unit_test(test_as_service),
		cmocka_unit_test(test_without_any),
		cmocka_unit_test(test_with_sys_admin),
	};

	return cmocka_run_group_tests(capabilities, NULL, NULL);
}
