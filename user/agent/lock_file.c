/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lock is the kernel's (flock), so that no stale file can be in the way: the
 * pid inside is for a message only, and believed no further. The file is never
 * removed: whoever removes a locked one lets two agents in.
 */
#include "agent/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "config/number.h"

#define MAX_PID 4194304 /* of any kernel */
#define MAX_ATTEMPTS 10

/* The last directory only: one above that is not there is a mistake in the path. */
static void make_directory(const char *path)
{
	char directory[PATH_MAX], *slash;

	if (snprintf(directory, sizeof(directory), "%s", path) >= (int)sizeof(directory))
		return;
	slash = strrchr(directory, '/');
	if (!slash || slash == directory)
		return;
	*slash = '\0';
	mkdir(directory, 0755); /* what is wrong, opening the file will tell */
}

/* O_NONBLOCK: opening a FIFO does not wait either. */
static int open_regular(const char *path, int *ret_fd)
{
	_cleanup_(closep) int fd = -1;
	struct stat stat;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
	if (fd < 0 || fstat(fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return -ENOTSUP;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

/* Whether the path still names the open file: somebody may have removed it before it was locked. */
static bool still_there(const char *path, int fd)
{
	struct stat opened, named;

	return !fstat(fd, &opened) && !lstat(path, &named) && opened.st_dev == named.st_dev &&
	       opened.st_ino == named.st_ino;
}

/* The pid in a file that anyone may have written: 0 if there is none. */
static long read_holder(int fd)
{
	char text[16];
	ssize_t size = pread(fd, text, sizeof(text) - 1, 0);
	long pid = 0;

	if (size <= 0)
		return 0;
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return number_parse_whole(text, 1, MAX_PID, &pid) ? 0 : pid;
}

static int write_holder(int fd)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%d\n", getpid());

	if (ftruncate(fd, 0) || pwrite(fd, text, length, 0) != length)
		return -errno;
	return 0;
}

static int held_by_another(const char *path, int fd, char error[LOCK_FILE_ERROR_LEN])
{
	char who[32] = "";
	long pid = read_holder(fd);

	if (pid)
		snprintf(who, sizeof(who), " (pid %ld)", pid);
	snprintf(error, LOCK_FILE_ERROR_LEN,
		 "another agent%s holds %.300s; one on a machine is enough: stop it, or give this "
		 "one another agent.lock_file",
		 who, path);
	return -EWOULDBLOCK;
}

static int cannot_lock(const char *path, int err, char error[LOCK_FILE_ERROR_LEN])
{
	const char *what = strerror(-err);

	if (err == -ELOOP)
		what = "it is a symbolic link";
	else if (err == -ENOTSUP)
		what = "it is not a regular file";
	snprintf(error, LOCK_FILE_ERROR_LEN,
		 "cannot lock %.300s: %s; agent.lock_file must name a file, in a directory that "
		 "this user may write to",
		 path, what);
	return err;
}

int lock_file_take(const char *path, int *ret_fd, char error[LOCK_FILE_ERROR_LEN])
{
	make_directory(path);
	for (int i = 0; i < MAX_ATTEMPTS; i++) {
		_cleanup_(closep) int fd = -1;
		int r = open_regular(path, &fd);

		if (!r && flock(fd, LOCK_EX | LOCK_NB))
			r = -errno;
		if (r == -EWOULDBLOCK)
			return held_by_another(path, fd, error);
		if (!r && !still_there(path, fd))
			continue;
		if (!r)
			r = write_holder(fd);
		if (r)
			return cannot_lock(path, r, error);
		*ret_fd = TAKE_FD(fd);
		return 0;
	}
	return cannot_lock(path, -EAGAIN, error);
}
