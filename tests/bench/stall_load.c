/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A loop whose every iteration is held up: see stall_load.h. */
#include "stall_load.h"

#include <err.h>
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

static void compute(unsigned long units)
{
	static volatile uint64_t kept;
	uint64_t value = kept;

	for (unsigned long i = 0; i < units; i++)
		value = value * 6364136223846793005ULL + 1442695040888963407ULL;
	kept = value;
}

static void sleep_for(unsigned long sleep_us)
{
	struct timespec time = {
		.tv_sec = (time_t)(sleep_us / 1000000),
		.tv_nsec = (long)(sleep_us % 1000000 * 1000),
	};

	while (nanosleep(&time, &time) && errno == EINTR)
		;
}

/* A descriptor that is always ready: the loop never rests. */
static int ready_epoll(int *ret_event_fd)
{
	struct epoll_event event = {.events = EPOLLIN};
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	*ret_event_fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);
	if (epoll_fd < 0 || *ret_event_fd < 0 ||
	    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, *ret_event_fd, &event))
		err(1, "epoll");
	return epoll_fd;
}

static double measure(unsigned long count, void (*work)(unsigned long), unsigned long argument)
{
	struct epoll_event event;
	int event_fd, epoll_fd = ready_epoll(&event_fd);
	uint64_t start_ns = now_ns();

	for (unsigned long i = 0; i < count; i++) {
		if (epoll_wait(epoll_fd, &event, 1, -1) != 1)
			err(1, "epoll_wait");
		work(argument);
	}
	start_ns = now_ns() - start_ns;
	close(epoll_fd);
	close(event_fd);
	return (double)start_ns / (double)count;
}

double stall_measure_computing(unsigned long count, unsigned long units)
{
	return measure(count, compute, units);
}

double stall_measure_sleeping(unsigned long count, unsigned long sleep_us)
{
	return measure(count, sleep_for, sleep_us);
}
