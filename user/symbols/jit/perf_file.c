/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * /tmp/perf-PID.map, as the process sees /tmp and its own pid. Anybody can make a file of that name
 * there: only one of the process's own user, or of root, is believed.
 */
#include "symbols/jit/perf_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file_inside.h"
#include "identity/proc.h"

#define STATUS_LEN 8192

/* The innermost pid of "NSpid:\t1234\t1", and the effective user of "Uid:\t0\t0\t0\t0". */
int perf_file_find(struct process *process, struct perf_file *ret_file)
{
	char status[STATUS_LEN];
	ssize_t n = proc_read(process->proc_fd, "status", status, sizeof(status));
	const char *pids, *users;
	unsigned int real, effective;
	size_t length;

	if (n < 0)
		return (int)n;
	pids = strstr(status, "\nNSpid:");
	users = strstr(status, "\nUid:");
	if (!pids || !users || sscanf(users, "\nUid: %u %u", &real, &effective) != 2)
		return -EBADMSG;
	pids++;
	length = strcspn(pids, "\n");
	while (length && pids[length - 1] >= '0' && pids[length - 1] <= '9')
		length--;
	ret_file->user = effective;
	snprintf(ret_file->path, sizeof(ret_file->path), "tmp/perf-%ld.map",
		 strtol(pids + length, NULL, 10));
	return 0;
}

/* Links are followed within the process's root alone, and none from the file itself. */
int perf_file_open(struct process *process, const struct perf_file *file, struct stat *ret_status)
{
	_cleanup_(closep) int root = openat(process->proc_fd, "root", O_PATH | O_CLOEXEC);
	_cleanup_(closep) int fd = -1;

	if (root < 0)
		return -errno;
	fd = file_find_inside(root, file->path, false);
	if (fd < 0)
		return fd;
	if (fstat(fd, ret_status))
		return -errno;
	if (ret_status->st_uid != file->user && ret_status->st_uid != 0)
		return -EPERM;
	return file_reopen(fd);
}
