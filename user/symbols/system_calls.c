/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A list of what is allowed. All else is as if the kernel did not have it: what a library does
 * without a call that is newer than the kernel, it does here too.
 */
#include "symbols/system_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#include "base/cleanup.h"

#define WRITES (O_ACCMODE | O_CREAT | O_TRUNC)
#define MAX_ARGUMENTS 2

/* On a machine that lacks one of them it has no meaning, and is left out. */
static const int calls[] = {
	/* files; what may be written to is what it was begun with: the socket, and /dev/null */
	SCMP_SYS(read),
	SCMP_SYS(readv),
	SCMP_SYS(pread64),
	SCMP_SYS(preadv),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	SCMP_SYS(lseek),
	SCMP_SYS(close),
	SCMP_SYS(stat),
	SCMP_SYS(lstat),
	SCMP_SYS(fstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(statx),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getdents64),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	/* other processes, and the one that asks */
	SCMP_SYS(process_vm_readv),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(sendmsg),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	/* what a C library needs for itself */
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(sched_yield),
	SCMP_SYS(getrandom),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(getrlimit),
	SCMP_SYS(sysinfo),
	SCMP_SYS(nanosleep),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_getres),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(time),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
};

/* Of the argument of that number, from 0 on: only these bits, or all of it. */
#define BITS(number, bits, value) {number, SCMP_CMP_MASKED_EQ, bits, value}
#define IS(number, value) {number, SCMP_CMP_EQ, value, 0}

/* openat2's cannot be seen, since they are in memory: so it is not allowed. */
static const struct {
	int call;
	unsigned int nr_arguments;
	struct scmp_arg_cmp arguments[MAX_ARGUMENTS];
} calls_if[] = {
	{SCMP_SYS(open), 1, {BITS(1, WRITES, O_RDONLY)}},
	{SCMP_SYS(openat), 1, {BITS(2, WRITES, O_RDONLY)}},
	{SCMP_SYS(fcntl), 1, {IS(1, F_GETFD)}},
	{SCMP_SYS(fcntl), 1, {IS(1, F_SETFD)}},
	{SCMP_SYS(fcntl), 1, {IS(1, F_GETFL)}},
	{SCMP_SYS(mmap), 2, {BITS(2, PROT_EXEC, 0), BITS(3, MAP_TYPE, MAP_PRIVATE)}},
	{SCMP_SYS(mprotect), 1, {BITS(2, PROT_EXEC, 0)}},
	/* its own limits, to be looked at */
	{SCMP_SYS(prlimit64), 2, {IS(0, 0), IS(2, 0)}},
};

static void seccomp_releasep(scmp_filter_ctx *filter)
{
	if (*filter)
		seccomp_release(*filter);
}

/* A filter that lies nowhere is looked for only by a kernel that takes filters. */
static bool kernel_has_filters(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 && errno == EFAULT;
}

static int allow(scmp_filter_ctx filter)
{
	int r = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls) && !r; i++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i], 0, NULL);
	for (size_t i = 0; i < sizeof(calls_if) / sizeof(*calls_if) && !r; i++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls_if[i].call,
					   calls_if[i].nr_arguments, calls_if[i].arguments);
	return r;
}

int system_calls_limit(void)
{
	_cleanup_(seccomp_releasep) scmp_filter_ctx filter = NULL;

	if (!kernel_has_filters())
		return 0;
	filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (!filter)
		return -ENOMEM;
	return seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1)
		       ?: allow(filter)
		       ?: seccomp_load(filter);
}
