/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * All eventpolls share one inode, so descriptors are told apart with kcmp
 * (CONFIG_KCMP, and PTRACE_MODE_READ on the process). Without it each
 * descriptor counts as an eventpoll of its own, never nested or inherited.
 * Reading fdinfo makes the kernel list every watched descriptor under the
 * eventpoll's lock, so that is done last, for those that may have no loop.
 */
#include "identity/eventpoll.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/pieces.h"
#include "identity/proc.h"

#define EVENTPOLL_LINK "anon_inode:[eventpoll]"
#define FDINFO_WINDOW 4096
#define FDINFO_MAX_BYTES 8388608 /* some 80,000 descriptors */
#define MAX_DESCRIPTORS 16384    /* looked at: eventpolls are made early and have low numbers */

static bool is_eventpoll(int directory, const char *name)
{
	char target[sizeof(EVENTPOLL_LINK) + 1];

	return proc_read_link(directory, name, target, sizeof(target)) > 0 &&
	       strcmp(target, EVENTPOLL_LINK) == 0;
}

static bool same_file(pid_t a, int a_fd, pid_t b, int b_fd)
{
	return syscall(SYS_kcmp, a, b, KCMP_FILE, a_fd, b_fd) == 0;
}

static bool watches(pid_t tid, int outer_fd, int inner_fd)
{
	struct kcmp_epoll_slot slot = {.efd = outer_fd, .tfd = inner_fd};

	return syscall(SYS_kcmp, tid, tid, KCMP_EPOLL_TFD, inner_fd, &slot) == 0;
}

static void append(struct eventpolls *polls, pid_t tid, int fd)
{
	size_t same = 0;

	while (same < polls->nr && !same_file(tid, polls->fds[same].fd, tid, fd))
		same++;
	polls->fds[polls->nr++] = (struct eventpoll_fd){.fd = fd, .same_as = same};
}

int eventpolls_read(int directory, pid_t tid, struct eventpolls *ret_polls)
{
	_cleanup_(closedirp) DIR *list = NULL;
	struct dirent *entry;
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "task/%d/fd", tid);
	fd = openat(directory, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	list = fdopendir(fd);
	if (!list) {
		int err = -errno;

		close(fd);
		return err;
	}
	ret_polls->nr = 0;
	for (int i = 0; i < MAX_DESCRIPTORS && (entry = readdir(list)); i++) {
		if (ret_polls->nr == EVENTPOLL_MAX)
			break;
		if (is_eventpoll(fd, entry->d_name))
			append(ret_polls, tid, atoi(entry->d_name));
	}
	return 0;
}

static int count_watched(char *line, void *context)
{
	__u64 *nr = context;

	*nr += strncmp(line, "tfd:", strlen("tfd:")) == 0;
	return 0;
}

__u64 eventpoll_nr_watched(int directory, int fd)
{
	char path[32], window[FDINFO_WINDOW];
	const struct pieces pieces = {'\n', FDINFO_MAX_BYTES, window, sizeof(window)};
	_cleanup_(closep) int info = -EBADF;
	__u64 nr = 0;

	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	info = openat(directory, path, O_RDONLY | O_CLOEXEC);
	if (info >= 0)
		pieces_read(info, &pieces, count_watched, &nr);
	return nr;
}

void eventpolls_claim(struct eventpolls *polls, int fd)
{
	for (size_t i = 0; i < polls->nr; i++) {
		if (polls->fds[i].fd == fd)
			polls->fds[polls->fds[i].same_as].claimed = true;
	}
}

/* Whether a descriptor's eventpoll is watched by another one of the process. */
static bool is_nested(const struct eventpolls *polls, pid_t tid, const struct eventpoll_fd *inner)
{
	for (size_t i = 0; i < polls->nr; i++) {
		const struct eventpoll_fd *outer = &polls->fds[i];

		if (outer->same_as == i && inner->same_as != i &&
		    watches(tid, outer->fd, inner->fd))
			return true;
	}
	return false;
}

static bool is_empty(int directory, int fd)
{
	char path[32], text[512];

	snprintf(path, sizeof(path), "fdinfo/%d", fd);
	return proc_read(directory, path, text, sizeof(text)) > 0 && !strstr(text, "\ntfd:");
}

size_t eventpolls_without_loop(const struct eventpolls *polls, int directory, pid_t tid,
			       pid_t parent, size_t nr_busy)
{
	bool excluded[EVENTPOLL_MAX] = {};
	size_t nr = 0;

	for (size_t i = 0; i < polls->nr; i++) {
		const struct eventpoll_fd *poll = &polls->fds[i];

		if (polls->fds[poll->same_as].claimed || is_nested(polls, tid, poll) ||
		    same_file(tid, poll->fd, parent, poll->fd))
			excluded[poll->same_as] = true;
	}
	for (size_t i = 0; i < polls->nr; i++)
		nr += polls->fds[i].same_as == i && !excluded[i];
	for (size_t i = 0; i < polls->nr && polls->nr > 1 && nr > nr_busy; i++)
		nr -= polls->fds[i].same_as == i && !excluded[i] &&
		      is_empty(directory, polls->fds[i].fd);
	return nr > nr_busy ? nr - nr_busy : 0;
}
