/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Opened without waiting: a pipe that nobody reads would hold the agent up for good. */
#include "agent/export_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio_ext.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"

int export_file_open(const char *path, FILE **ret_file)
{
	_cleanup_(closep) int fd =
		open(path,
		     O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
		     0640);
	struct stat status;
	FILE *file;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode))
		return -EINVAL;
	file = fdopen(fd, "a");
	if (!file)
		return -errno;
	TAKE_FD(fd);
	*ret_file = file;
	return 0;
}

off_t export_file_end(FILE *file)
{
	struct stat status;

	if (fstat(fileno(file), &status) || !S_ISREG(status.st_mode))
		return -1;
	return status.st_size;
}

void export_file_cut(FILE *file, off_t end)
{
	__fpurge(file);
	clearerr(file);
	if (end >= 0 && ftruncate(fileno(file), end))
		log_warning("the export file ends with a line that is not whole: cannot cut it");
}
