/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a confined process can no longer do: tried, each in a child. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "symbols/confine.h"
#include "symbols/privileges.h"

#define MEMORY_BYTES ((size_t)64 << 20)
#define FAILED 1

/* How a child ended that was confined and then did this. */
static int status_of(void (*deed)(void))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		if (confine(MEMORY_BYTES))
			_exit(FAILED);
		deed();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void require(bool condition)
{
	if (!condition)
		_exit(FAILED);
}

static void write_a_file(void)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	require(fd >= 0);
	signal(SIGXFSZ, SIG_IGN); /* which would end it */
	require(write(fd, "x", 1) < 0 && errno == EFBIG);
}

static void test_writes_no_file(void **state)
{
	(void)state;
	assert_int_equal(status_of(write_a_file), 0);
}

static void check_descriptors(void)
{
	require(fcntl(STDERR_FILENO, F_GETFD) >= 0);
	for (int fd = STDERR_FILENO + 1; fd < 64; fd++)
		require(fcntl(fd, F_GETFD) < 0 && errno == EBADF);
}

static void test_has_no_descriptors(void **state)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(fd > STDERR_FILENO);
	assert_int_equal(status_of(check_descriptors), 0);
	close(fd);
}

static void check_limits(void)
{
	struct rlimit limit;
	int signal = 0;

	require(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
	require(!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_max <= 512);
#if !defined(__SANITIZE_ADDRESS__)
	require(!getrlimit(RLIMIT_DATA, &limit) && limit.rlim_max == MEMORY_BYTES);
#endif
	require(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	require(!prctl(PR_GET_PDEATHSIG, &signal) && signal == SIGKILL);
}

static void test_limits(void **state)
{
	(void)state;
	assert_int_equal(status_of(check_limits), 0);
}

static void get_capabilities(struct __user_cap_data_struct words[static 2])
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};

	require(!syscall(SYS_capget, &header, words));
}

static void check_capabilities(void)
{
	const uint32_t two = CAP_TO_MASK(CAP_SYS_PTRACE) | CAP_TO_MASK(CAP_DAC_READ_SEARCH);
	struct __user_cap_data_struct words[2];

	get_capabilities(words);
	for (int i = 0; i < 2; i++) {
		require(!(words[i].permitted & ~(i ? 0 : two)));
		require(words[i].effective == words[i].permitted && !words[i].inheritable);
	}
}

static void test_capabilities(void **state)
{
	(void)state;
	assert_int_equal(status_of(check_capabilities), 0);
}

/* Lent ones are those that there are, and called back none is left to programs that are run. */
static void test_lent(void **state)
{
	struct __user_cap_data_struct before[2], lent[2], after[2];
	const uint32_t two = CAP_TO_MASK(CAP_SYS_PTRACE) | CAP_TO_MASK(CAP_DAC_READ_SEARCH);

	(void)state;
	get_capabilities(before);
	privileges_lend();
	get_capabilities(lent);
	assert_int_equal(lent[0].inheritable & two, before[0].permitted & two);
	for (unsigned int i = 0; i < 2; i++) {
		unsigned int each = i ? CAP_DAC_READ_SEARCH : CAP_SYS_PTRACE;

		assert_int_equal(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, each, 0, 0),
				 before[0].permitted & CAP_TO_MASK(each) ? 1 : 0);
	}
	privileges_call_back();
	get_capabilities(after);
	assert_int_equal(after[0].inheritable & two, 0);
	assert_int_equal(after[0].permitted, before[0].permitted);
	assert_int_equal(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_SYS_PTRACE, 0, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_writes_no_file), cmocka_unit_test(test_has_no_descriptors),
		cmocka_unit_test(test_limits),         cmocka_unit_test(test_capabilities),
		cmocka_unit_test(test_lent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
