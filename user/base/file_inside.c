/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One name at a time, each below the directory that the one before has opened. Those are kept, so
 * that `..` goes back where it came from: the parent of a directory may be another by now.
 */
#include "base/file_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"

#define MAX_LINKS 40 /* the kernel's */
#define MAX_DEPTH 64

struct walk {
	int opened[MAX_DEPTH]; /* the root first, which is not its own */
	size_t depth;          /* of them, at least one */
	unsigned int nr_links;
	char path[PATH_MAX]; /* what is left of it, from `rest` on */
	char *rest;
};

static void go_back(struct walk *walk, size_t depth)
{
	while (walk->depth > depth && walk->depth > 1)
		close(walk->opened[--walk->depth]);
}

/* What a link says comes before what is left. */
static int follow(struct walk *walk, int link)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(link, "", text, sizeof(text));
	size_t rest = strlen(walk->rest);

	if (n < 0)
		return -errno;
	if (++walk->nr_links > MAX_LINKS)
		return -ELOOP;
	if ((size_t)n + 1 + rest >= sizeof(walk->path))
		return -ENAMETOOLONG;
	memmove(walk->path + n + 1, walk->rest, rest + 1);
	memcpy(walk->path, text, n);
	walk->path[n] = '/';
	walk->rest = walk->path;
	if (n && text[0] == '/')
		go_back(walk, 1);
	return 0;
}

static int enter(struct walk *walk, const char *name, bool follow_link)
{
	_cleanup_(closep) int fd =
		openat(walk->opened[walk->depth - 1], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat stat;

	if (fd < 0 || fstat(fd, &stat))
		return -errno;
	if (S_ISLNK(stat.st_mode) && follow_link)
		return follow(walk, fd);
	if (walk->depth == MAX_DEPTH)
		return -ENAMETOOLONG;
	walk->opened[walk->depth++] = TAKE_FD(fd);
	return 0;
}

/* The next name; NULL: there is none. */
static char *next_name(struct walk *walk)
{
	char *name = walk->rest + strspn(walk->rest, "/");
	char *end = name + strcspn(name, "/");

	walk->rest = end + strspn(end, "/");
	*end = '\0';
	return *name ? name : NULL;
}

static int walk_path(struct walk *walk, bool follow_last)
{
	char *name;
	int r = 0;

	while (!r && (name = next_name(walk))) {
		if (!strcmp(name, ".."))
			go_back(walk, walk->depth - 1);
		else if (strcmp(name, ".") != 0)
			r = enter(walk, name, follow_last || *walk->rest);
	}
	return r;
}

int file_find_inside(int root, const char *path, bool follow_last)
{
	struct walk walk = {.opened = {root}, .depth = 1, .rest = walk.path};
	size_t length = strlen(path);
	int r;

	if (length >= sizeof(walk.path))
		return -ENAMETOOLONG;
	memcpy(walk.path, path, length);
	r = walk_path(&walk, follow_last);
	if (!r && walk.depth == 1)
		r = -EISDIR;
	if (!r)
		r = walk.opened[--walk.depth];
	go_back(&walk, 1);
	return r;
}

int file_reopen(int path_fd)
{
	struct stat stat;
	char path[32];
	int fd;

	if (fstat(path_fd, &stat))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return -EINVAL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", path_fd);
	/* its owner may hold a lease, which is not waited for */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}
