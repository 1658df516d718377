/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop on io_uring: a TCP echo server and a timer, with its own account of its waits.
 *
 *   uring_loop submit|timeout|registered|nested
 *
 * submit      io_uring_submit_and_wait, one call an iteration
 * timeout     io_uring_submit, then io_uring_wait_cqe_timeout, which enters the kernel only
 *             where no completion is there
 * registered  as submit, the ring named by its index in the thread's table
 * nested      a loop on epoll, whose callbacks wait for completions of the ring
 *
 * Exits with 77 where the kernel gives no ring, and says why.
 */
#include <liburing.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>

#include "own_waits.h"

#define MAX_CONNECTIONS 64
#define MAX_MESSAGE 512
#define NR_ENTRIES 256
#define NO_RING 77

enum operation { ACCEPT, RECEIVE, SEND, TIMER, COMMAND };

static struct io_uring ring;
static int listener;
static char messages[MAX_CONNECTIONS][MAX_MESSAGE]; /* by socket */
static char command[64];
static struct __kernel_timespec period = {.tv_nsec = PERIOD_MS * 1000000};

/* A completion tells its operation and its descriptor. */
static void begin(enum operation operation, int fd, int size)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);

	if (!sqe || fd >= MAX_CONNECTIONS)
		errx(1, "too many connections");
	switch (operation) {
	case ACCEPT:
		io_uring_prep_accept(sqe, fd, NULL, NULL, SOCK_CLOEXEC);
		break;
	case RECEIVE:
		io_uring_prep_recv(sqe, fd, messages[fd], MAX_MESSAGE, 0);
		break;
	case SEND:
		io_uring_prep_send(sqe, fd, messages[fd], size, 0);
		break;
	case TIMER:
		io_uring_prep_timeout(sqe, &period, 0, 0);
		break;
	case COMMAND:
		io_uring_prep_read(sqe, fd, command, sizeof(command), 0);
		break;
	}
	io_uring_sqe_set_data64(sqe, (unsigned long long)operation << 32 | (unsigned int)fd);
}

static void complete(enum operation operation, int fd, int result)
{
	switch (operation) {
	case ACCEPT:
		if (result >= 0)
			begin(RECEIVE, result, 0);
		begin(ACCEPT, fd, 0);
		break;
	case RECEIVE:
		if (result > 0)
			begin(SEND, fd, result);
		else
			close(fd);
		break;
	case SEND:
		begin(RECEIVE, fd, 0);
		break;
	case TIMER:
		own_tick();
		begin(TIMER, fd, 0);
		break;
	case COMMAND:
		own_command(command, result);
		begin(COMMAND, fd, 0);
		break;
	}
}

static void complete_all(void)
{
	struct io_uring_cqe *cqe;
	unsigned int head, nr = 0;

	io_uring_for_each_cqe(&ring, head, cqe)
	{
		/* counted before `stopped` may tell of it */
		own.events++;
		nr++;
		complete((enum operation)(cqe->user_data >> 32), (int)cqe->user_data, cqe->res);
	}
	io_uring_cq_advance(&ring, nr);
}

static void submit_and_wait(void)
{
	own_wait_begins();
	if (io_uring_submit_and_wait(&ring, 1) < 0)
		errx(1, "io_uring_submit_and_wait");
	own_wait_ended();
}

static void wait_with_timeout(void)
{
	struct __kernel_timespec limit = {.tv_nsec = 50000000};
	struct io_uring_cqe *cqe;

	io_uring_submit(&ring);
	if (io_uring_cq_ready(&ring))
		return;
	own_wait_begins();
	io_uring_wait_cqe_timeout(&ring, &cqe, &limit);
	own_wait_ended();
}

static void run_ring(void (*wait)(void))
{
	listener = own_listen(0);
	begin(COMMAND, STDIN_FILENO, 0);
	begin(ACCEPT, listener, 0);
	begin(TIMER, 0, 0);
	for (;;) {
		wait();
		complete_all();
	}
}

/* As long as own_tick() sleeps, but in the ring. */
static void wait_in_callback(void)
{
	struct __kernel_timespec time = {.tv_nsec = SLEEP_NS};
	unsigned long long start = own_now_ns();
	struct io_uring_cqe *cqe;

	io_uring_prep_timeout(io_uring_get_sqe(&ring), &time, 0, 0);
	if (io_uring_submit_and_wait(&ring, 1) < 0 || io_uring_wait_cqe(&ring, &cqe))
		errx(1, "io_uring_submit_and_wait");
	io_uring_cqe_seen(&ring, cqe);
	own.slept_ns += own_now_ns() - start;
}

static void watch(int epoll_fd, int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

	if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void run_nested(void)
{
	struct itimerspec tick = {.it_interval.tv_nsec = PERIOD_MS * 1000000,
				  .it_value.tv_nsec = PERIOD_MS * 1000000};
	int timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event events[4];
	unsigned long long ticks;

	timerfd_settime(timer, 0, &tick, NULL);
	watch(epoll_fd, timer);
	watch(epoll_fd, STDIN_FILENO);
	own_listen(0);
	for (;;) {
		int nr;

		own_wait_begins();
		nr = epoll_wait(epoll_fd, events, 4, -1);
		own_wait_ended();
		own.events += nr > 0 ? nr : 0;
		for (int i = 0; i < nr; i++) {
			if (events[i].data.fd == STDIN_FILENO)
				own_command(command, read(STDIN_FILENO, command, sizeof(command)));
			else if (read(timer, &ticks, sizeof(ticks)) > 0 && own.working)
				wait_in_callback();
		}
	}
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "submit";
	int error = io_uring_queue_init(NR_ENTRIES, &ring, 0);

	if (error) {
		printf("no io_uring here: %s\n", strerror(-error));
		return NO_RING;
	}
	if (!strcmp(how, "registered") && io_uring_register_ring_fd(&ring) != 1)
		errx(1, "io_uring_register_ring_fd");
	if (!strcmp(how, "nested"))
		run_nested();
	run_ring(strcmp(how, "timeout") ? submit_and_wait : wait_with_timeout);
}
