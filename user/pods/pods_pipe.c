/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A pipe that is said to have room takes so many bytes without waiting: pipe(7). */
#include "pods/pods_pipe.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

static int wait_for_room(int fd, int stop_fd)
{
	struct pollfd fds[] = {{.fd = stop_fd, .events = POLLIN}, {.fd = fd, .events = POLLOUT}};

	while (poll(fds, 2, -1) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return fds[0].revents ? -ECANCELED : 0;
}

int pods_pipe_write(int fd, int stop_fd, const char *data, size_t size)
{
	while (size) {
		ssize_t n;
		int err = wait_for_room(fd, stop_fd);

		if (err)
			return err;
		n = write(fd, data, size < PIPE_BUF ? size : PIPE_BUF);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
		if (n > 0) {
			data += n;
			size -= (size_t)n;
		}
	}
	return 0;
}
