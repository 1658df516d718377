/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a confined process can no longer do: tried, each in a child. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/privileges.h"
#include "symbols/confine.h"

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

/* The kernel would have done each of these, or said something else. */
static void require_refused(long result)
{
	require(result == -1 && errno == ENOSYS);
}

static void write_a_file(void)
{
	const struct open_how how = {.flags = O_RDONLY};
	char path[] = "/proc/self/comm";
	const int flags[] = {O_WRONLY, O_RDWR, O_RDONLY | O_CREAT, O_RDONLY | O_TRUNC, O_ACCMODE};

	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		require_refused(syscall(SYS_openat, AT_FDCWD, path, flags[i], 0600));
#if defined(SYS_open)
		require_refused(syscall(SYS_open, path, flags[i], 0600));
#endif
	}
	require(open(path, O_RDONLY | O_CLOEXEC) >= 0);
	require(open(path, O_PATH | O_CLOEXEC) >= 0);
	require_refused(syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
	require_refused(memfd_create("file", MFD_CLOEXEC));
	require_refused(truncate(path, 0));
	require_refused(unlink(path));
	require_refused(rename(path, "/tmp/x"));
	require_refused(fchmodat(AT_FDCWD, path, 0644, 0));
}

static void test_writes_no_file(void **state)
{
	(void)state;
	assert_int_equal(status_of(write_a_file), 0);
}

static void act(void)
{
	char word;
	struct iovec own = {&word, 1};
	struct rlimit limit = {1, 1};
	const struct timespec moment = {.tv_nsec = 1};
	int fds[2];

	require(nanosleep(&moment, NULL) == 0); /* for a thread to come to rest */
	require_refused(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
	require_refused(syscall(SYS_execve, "/bin/true", NULL, NULL));
	require_refused(kill(getppid(), 0));
	require_refused(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	require_refused(process_vm_writev(getpid(), &own, 1, &own, 1, 0));
	require(process_vm_readv(getpid(), &own, 1, &own, 1, 0) == 1);
	require_refused(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds));
	require_refused(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	require_refused(pipe2(fds, O_CLOEXEC));
	require_refused(dup(STDERR_FILENO));
	require_refused(syscall(SYS_io_uring_setup, 1, NULL));
	require_refused(syscall(SYS_setuid, getuid()));
	require_refused(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
	require_refused(ioctl(STDERR_FILENO, TIOCSTI, "x"));
	require_refused(setrlimit(RLIMIT_NOFILE, &limit));
	require_refused(mprotect(NULL, 0, PROT_READ | PROT_EXEC) ? -1 : 0);
	require_refused(mmap(NULL, 4096, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
				? -1
				: 0);
}

static void test_acts_on_nothing(void **state)
{
	(void)state;
	assert_int_equal(status_of(act), 0);
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

	require(!getrlimit(RLIMIT_FSIZE, &limit) && !limit.rlim_max);
	require(!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_max <= 512);
#if !defined(__SANITIZE_ADDRESS__)
	require(!getrlimit(RLIMIT_DATA, &limit) && limit.rlim_max == MEMORY_BYTES);
#endif
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

static unsigned long long own_status(const char *key, int base)
{
	char text[8192] = "";
	int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	const char *line;

	require(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	line = strstr(text, key);
	require(line);
	return strtoull(line + strlen(key), NULL, base);
}

static void check_status(void)
{
	const uint32_t two = CAP_TO_MASK(CAP_SYS_PTRACE) | CAP_TO_MASK(CAP_DAC_READ_SEARCH);

	require(!(own_status("\nCapPrm:", 16) & ~(unsigned long long)two));
	require(own_status("\nCapEff:", 16) == own_status("\nCapPrm:", 16));
	require(own_status("\nCapInh:", 16) == 0);
	require(own_status("\nNoNewPrivs:", 10) == 1);
	require(own_status("\nSeccomp:", 10) == SECCOMP_MODE_FILTER);
}

static void test_status(void **state)
{
	(void)state;
	assert_int_equal(status_of(check_status), 0);
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
		cmocka_unit_test(test_writes_no_file),
		cmocka_unit_test(test_acts_on_nothing),
		cmocka_unit_test(test_has_no_descriptors),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_lent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
