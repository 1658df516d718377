/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Written in place, not beside: a recording that is killed can be read up to its last second. The
 * lock keeps two recorders apart.
 */
#include "commands/recording_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "recording/format.h"

#define MODE 0600 /* names of processes and their paths are in it */

__attribute__((format(printf, 3, 4))) static int fail(int err, char *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(error, RECORDING_FILE_ERROR_LEN, format, arguments);
	va_end(arguments);
	return err;
}

static int open_stdout(struct recording_file *ret_file, char *error)
{
	if (isatty(STDOUT_FILENO))
		return fail(-ENOTTY, error,
			    "a recording is not written to a terminal: give a file, or pipe it on");
	*ret_file = (struct recording_file){"-", STDOUT_FILENO, false};
	return 0;
}

/* An empty file, or a recording. Files of /proc have no size, and something in them. */
static bool may_be_overwritten(int fd)
{
	static const __u8 magic[8] = RECORDING_MAGIC;
	__u8 found[sizeof(magic)];
	ssize_t nr = pread(fd, found, sizeof(found), 0);

	return !nr || (nr == sizeof(found) && memcmp(found, magic, sizeof(magic)) == 0);
}

/* Whoever had it before may have removed it in the end, since nothing was recorded. */
static int lock(int fd, const char *path, char *error)
{
	struct stat status;

	if (flock(fd, LOCK_EX | LOCK_NB))
		return fail(-errno, error,
			    errno == EWOULDBLOCK ? "another loopscope is recording to %s"
						 : "cannot lock %s",
			    path);
	if (fstat(fd, &status) || !status.st_nlink)
		return fail(-ENOENT, error, "%s has just been removed: try again", path);
	return 0;
}

/* Whether what is there may be lost. */
static int check_present(int fd, const char *path, char *error)
{
	struct stat status;
	int r;

	if (fstat(fd, &status))
		return fail(-errno, error, "cannot look at %s: %s", path, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fail(-EINVAL, error,
			    "%s is no file: give another name, or `-o -` for the standard output",
			    path);
	if (status.st_uid != geteuid())
		return fail(-EPERM, error,
			    "%s belongs to another user, who could read what is recorded: remove "
			    "it, or give another name",
			    path);
	r = lock(fd, path, error);
	if (r)
		return r;
	if (!may_be_overwritten(fd))
		return fail(-EEXIST, error,
			    "%s is there, and is no recording: remove it, or give another name",
			    path);
	return 0;
}

/* A FIFO must not stop anybody: it is opened without waiting, and refused. */
int recording_file_open(const char *path, struct recording_file *ret_file,
			char error[RECORDING_FILE_ERROR_LEN])
{
	const int flags = O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	_cleanup_(closep) int fd = -1;
	bool created;
	int r;

	if (!strcmp(path, "-"))
		return open_stdout(ret_file, error);
	fd = open(path, flags | O_CREAT | O_EXCL, MODE);
	created = fd >= 0;
	if (!created && errno == EEXIST)
		fd = open(path, flags);
	if (fd < 0)
		return fail(-errno, error, "cannot open %s: %s", path, strerror(errno));
	r = check_present(fd, path, error);
	if (r)
		return r;
	*ret_file = (struct recording_file){path, TAKE_FD(fd), created};
	return 0;
}

bool recording_file_is_stdout(const struct recording_file *file)
{
	return !strcmp(file->path, "-");
}

int recording_file_begin(const struct recording_file *file)
{
	if (recording_file_is_stdout(file))
		return 0;
	fchmod(file->fd, MODE); /* of one that was there before, where the file system has modes */
	return ftruncate(file->fd, 0) ? -errno : 0;
}

int recording_file_close(struct recording_file *file)
{
	int fd = TAKE_FD(file->fd);

	if (recording_file_is_stdout(file))
		return 0;
	return fd >= 0 && close(fd) ? -errno : 0;
}

void recording_file_discard(struct recording_file *file)
{
	if (file->created)
		unlink(file->path);
	recording_file_close(file);
}
