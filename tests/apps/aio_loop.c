/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop on Linux's older asynchronous I/O, as Seastar has one: what may be read is told by polls
 * that are submitted, once each, and waited for by io_pgetevents. A TCP echo server and a timer,
 * with its own account of its waits.
 *
 *   aio_loop pgetevents|getevents
 */
#include <libaio.h>
#include <poll.h>
#include <sys/timerfd.h>

#include "own_waits.h"

#define MAX_DESCRIPTORS 64
#define MAX_MESSAGE 512

static io_context_t context;
static struct iocb polls[MAX_DESCRIPTORS]; /* by descriptor */
static int listener, timer;

static void begin_poll(int fd)
{
	struct iocb *poll = &polls[fd];

	if (fd >= MAX_DESCRIPTORS)
		errx(1, "too many connections");
	io_prep_poll(poll, fd, POLLIN);
	if (io_submit(context, 1, &poll) != 1)
		errx(1, "io_submit");
}

static void echo(int fd)
{
	char message[MAX_MESSAGE];
	ssize_t size = read(fd, message, sizeof(message));

	if (size > 0 && write(fd, message, size) == size)
		begin_poll(fd);
	else
		close(fd);
}

static void complete(int fd)
{
	unsigned long long ticks;
	char command[64];
	int connection;

	if (fd == listener) {
		connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (connection >= 0)
			begin_poll(connection);
	} else if (fd == timer) {
		if (read(timer, &ticks, sizeof(ticks)) > 0)
			own_tick();
	} else if (fd == STDIN_FILENO) {
		own_command(command, read(fd, command, sizeof(command)));
	} else {
		echo(fd);
		return;
	}
	begin_poll(fd);
}

int main(int argc, char **argv)
{
	struct itimerspec tick = {.it_interval.tv_nsec = PERIOD_MS * 1000000,
				  .it_value.tv_nsec = PERIOD_MS * 1000000};
	int by_old_call = argc > 1 && !strcmp(argv[1], "getevents");
	struct io_event events[MAX_DESCRIPTORS];

	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	if (timer < 0 || timerfd_settime(timer, 0, &tick, NULL) ||
	    io_setup(MAX_DESCRIPTORS, &context))
		errx(1, "timerfd, io_setup");
	listener = own_listen(SOCK_NONBLOCK);
	begin_poll(STDIN_FILENO);
	begin_poll(listener);
	begin_poll(timer);
	for (;;) {
		int nr;

		own_wait_begins();
		if (by_old_call)
			nr = io_getevents(context, 1, MAX_DESCRIPTORS, events, NULL);
		else
			nr = io_pgetevents(context, 1, MAX_DESCRIPTORS, events, NULL, NULL);
		own_wait_ended();
		if (nr < 0)
			errx(1, "io_getevents: %s", strerror(-nr));
		own.events += nr;
		for (int i = 0; i < nr; i++)
			complete(events[i].obj->aio_fildes);
	}
}
