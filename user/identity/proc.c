/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opening, reading and parsing the small files of one process. */
#include "identity/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"

#define DELETED " (deleted)"
#define NSEC_PER_SEC 1000000000ULL

static __u64 ns_per_tick(void)
{
	return NSEC_PER_SEC / (__u64)sysconf(_SC_CLK_TCK);
}

__u64 proc_ticks_of_ns(__u64 time_ns)
{
	return time_ns / ns_per_tick();
}

__u64 proc_ns_of_ticks(__u64 ticks)
{
	return ticks * ns_per_tick();
}

int proc_open(pid_t pid)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

ssize_t proc_read(int directory, const char *path, char *buffer, size_t size)
{
	_cleanup_(closep) int fd = openat(directory, path, O_RDONLY | O_CLOEXEC);
	size_t length = 0;

	buffer[0] = '\0';
	if (fd < 0)
		return -errno;
	while (length < size - 1) {
		ssize_t n = read(fd, buffer + length, size - 1 - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		length += n;
	}
	buffer[length] = '\0';
	return length;
}

ssize_t proc_read_link(int directory, const char *path, char *buffer, size_t size)
{
	ssize_t length = readlinkat(directory, path, buffer, size);

	if (length < 0)
		return -errno;
	if ((size_t)length == size)
		return -ENAMETOOLONG;
	buffer[length] = '\0';
	return length;
}

void proc_strip_deleted(char *path)
{
	size_t length = strlen(path), suffix = strlen(DELETED);

	if (length > suffix && !strcmp(path + length - suffix, DELETED))
		path[length - suffix] = '\0';
}

int proc_stat_parse(const char *text, struct proc_stat *ret_stat)
{
	/* the comm may hold parentheses, spaces and newlines: it ends at the last one */
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	struct proc_stat stat = {};
	size_t length;

	if (!open || !close || close < open)
		return -EBADMSG;
	/*
	 * state ppid pgrp session tty tpgid flags ... num_threads itrealvalue starttime
	 * vsize rss rsslim startcode endcode startstack
	 */
	if (sscanf(close + 1,
		   " %c %d %*d %*d %*d %*d %u %*u %*u %*u %*u %*u %*u"
		   " %*d %*d %*d %*d %u %*d %llu %*u %*d %*u %llu %*u %llu",
		   &stat.state, &stat.parent, &stat.flags, &stat.nr_threads, &stat.start_ticks,
		   &stat.start_code, &stat.start_stack) != 7)
		return -EBADMSG;
	length = close - open - 1;
	if (length >= sizeof(stat.comm))
		length = sizeof(stat.comm) - 1;
	memcpy(stat.comm, open + 1, length);
	*ret_stat = stat;
	return 0;
}

int proc_stat_read(int directory, const char *path, struct proc_stat *ret_stat)
{
	char text[1024];
	ssize_t length = proc_read(directory, path, text, sizeof(text));

	return length < 0 ? length : proc_stat_parse(text, ret_stat);
}

__u64 proc_cpu_ns(pid_t pid)
{
	struct timespec used;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &used))
		return 0;
	return (__u64)used.tv_sec * NSEC_PER_SEC + (__u64)used.tv_nsec;
}

__u64 proc_resident_bytes(pid_t pid)
{
	_cleanup_(closep) int directory = proc_open(pid);
	unsigned long long pages;
	char text[128];

	if (directory < 0 || proc_read(directory, "statm", text, sizeof(text)) < 0 ||
	    sscanf(text, "%*u %llu", &pages) != 1)
		return 0;
	return pages * (__u64)sysconf(_SC_PAGESIZE);
}

int proc_syscall_parse(const char *text, struct proc_syscall *ret_syscall)
{
	struct proc_syscall syscall = {.nr = -1};

	/* in no call, it has but stack and program counter after the number */
	if (strncmp(text, "running", strlen("running")) == 0)
		syscall.running = 1;
	else if (sscanf(text, "%d %llx %llx %llx %llx %*x %*x %llx %llx", &syscall.nr,
			&syscall.args[0], &syscall.args[1], &syscall.args[2], &syscall.args[3],
			&syscall.sp, &syscall.pc) < 3)
		return -EBADMSG;
	*ret_syscall = syscall;
	return 0;
}

int proc_syscall_read(int directory, const char *path, struct proc_syscall *ret_syscall)
{
	char text[256];
	ssize_t length = proc_read(directory, path, text, sizeof(text));

	return length < 0 ? length : proc_syscall_parse(text, ret_syscall);
}
