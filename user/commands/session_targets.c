/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pid whose process ended unseen must not stay in the table: whoever gets that pid next would
 * be watched. So each is looked at once it is in the table, from when on its exit is seen.
 */
#include "commands/session_targets.h"

#include <errno.h>
#include <poll.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/cleanup.h"

/* A pidfd of a process that has not ended, all its threads; else -ESRCH, or another -errno. */
static int open_alive(pid_t pid)
{
	_cleanup_(closep) int fd = pidfd_open(pid, 0);
	struct pollfd ended = {.fd = fd, .events = POLLIN};

	/* EINVAL, ENOENT: a thread has that number by now */
	if (fd < 0)
		return errno == EINVAL || errno == ENOENT ? -ESRCH : -errno;
	if (poll(&ended, 1, 0) > 0)
		return -ESRCH;
	return TAKE_FD(fd);
}

static void remove_if_ended(struct observer *observer, pid_t pid)
{
	_cleanup_(closep) int fd = open_alive(pid);

	if (fd == -ESRCH)
		observer_remove_pid(observer, pid);
}

/* *ret_added: how many are new. Both lists are in order. */
static int add_new(struct observer *observer, const struct pid_list *known,
		   const struct pid_list *now, size_t *ret_added)
{
	size_t added = 0;
	int r = 0;

	for (size_t i = 0, j = 0; !r && i < now->nr; i++) {
		while (j < known->nr && known->pids[j] < now->pids[i])
			j++;
		if (j < known->nr && known->pids[j] == now->pids[i])
			continue;
		r = observer_add_pid(observer, now->pids[i]);
		remove_if_ended(observer, now->pids[i]);
		added++;
	}
	*ret_added = added;
	return r;
}

static int add_late_children(struct observer *observer, const struct watch_options *options,
			     const struct pid_list *known)
{
	_cleanup_(pid_list_done) struct pid_list now = {};
	size_t added = 0;
	int r = target_pids(options, &now);

	if (!r)
		r = add_new(observer, known, &now, &added);
	if (!r && added)
		r = observer_reconsider(observer); /* they may be asleep in a wait */
	return r;
}

int session_targets_settle(struct observer *observer, const struct watch_options *options,
			   const struct pid_list *known)
{
	for (size_t i = 0; i < known->nr; i++)
		remove_if_ended(observer, known->pids[i]);
	return options->scope.children ? add_late_children(observer, options, known) : 0;
}

int session_targets_open_any(struct observer *observer)
{
	pid_t pid;

	while ((pid = observer_some_pid(observer))) {
		int fd = open_alive(pid);

		if (fd != -ESRCH)
			return fd;
		observer_remove_pid(observer, pid);
	}
	return -ESRCH;
}
