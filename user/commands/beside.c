/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Its output comes through pipes; its end is seen by its pidfd. */
#include "commands/beside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/program_beside.h"

#define END_TIMEOUT_MS 2000

static const struct beside_child no_child = {-1, -1, -1, -1};

static int open_pipe(int *ret_read_fd, int *ret_write_fd)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	*ret_read_fd = fds[0];
	*ret_write_fd = fds[1];
	return fcntl(fds[0], F_SETFL, O_NONBLOCK) ? -errno : 0;
}

static int start(const char *path, char *const argv[], struct beside_child *child)
{
	_cleanup_(closep) int out_fd = -1;
	_cleanup_(closep) int error_fd = -1;
	int r = open_pipe(&child->out_fd, &out_fd) ?: open_pipe(&child->error_fd, &error_fd);

	if (!r)
		r = program_spawn(path, argv, environ, (const int[]){-1, out_fd, error_fd},
				  &child->pid);
	if (r)
		return r;
	child->pidfd = pidfd_open(child->pid, 0);
	if (child->pidfd >= 0)
		return 0;
	r = -errno;
	kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
	return r;
}

int beside_start(const char *path, char *const argv[], struct beside_child *ret_child)
{
	struct beside_child child = no_child;
	int r = start(path, argv, &child);

	if (r)
		beside_end(&child);
	else
		*ret_child = child;
	return r;
}

void beside_end(struct beside_child *child)
{
	struct pollfd wait = {.fd = child->pidfd, .events = POLLIN};

	closep(&child->out_fd);
	closep(&child->error_fd);
	if (child->pidfd >= 0) {
		pidfd_send_signal(child->pidfd, SIGTERM, NULL, 0);
		if (poll(&wait, 1, END_TIMEOUT_MS) <= 0)
			pidfd_send_signal(child->pidfd, SIGKILL, NULL, 0);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	closep(&child->pidfd);
	*child = no_child;
}
