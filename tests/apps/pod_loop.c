/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Event loops that count what they do, for containers: linked statically, it is an image
 * by itself.
 *
 *   pod_loop [ITERATIONS [PERIOD_MS [STATUS [LOOPS]]]]
 *
 * Runs LOOPS loops (1), each in a thread, which wait PERIOD_MS (20) each time; after so many
 * iterations (0: never), or when told to end, it exits with STATUS (0). Each loop says on
 * stdout when it begins, and what it has done when it ends, a line of JSON each.
 */
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define MAX_LOOPS 16

static unsigned long max_iterations;
static int period_ms = 20;
static int end_fd; /* an eventfd, readable from when all are to end */

/* `told_fd` ends the loop by being readable. */
static void run_loop(long number, int told_fd)
{
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC), nr_events = 0;
	struct epoll_event event = {.events = EPOLLIN};
	unsigned long nr = 0;

	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, told_fd, &event))
		err(1, "epoll");
	printf("{\"loop\": %ld, \"began\": true}\n", number);
	while (!nr_events && (!max_iterations || nr < max_iterations)) {
		nr_events = epoll_wait(epoll_fd, &event, 1, period_ms);
		if (nr_events < 0)
			err(1, "epoll_wait");
		nr++;
	}
	printf("{\"loop\": %ld, \"iterations\": %lu, \"events\": %d}\n", number, nr, nr_events);
}

static void *loop_main(void *number)
{
	run_loop((long)number, end_fd);
	return NULL;
}

/* The main thread's loop is told by SIGTERM, and tells the others. */
static void run_all(long nr_loops)
{
	pthread_t threads[MAX_LOOPS];
	sigset_t signals;
	int signal_fd;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal_fd = signalfd(-1, &signals, SFD_CLOEXEC);
	end_fd = eventfd(0, EFD_CLOEXEC);
	if (signal_fd < 0 || end_fd < 0)
		err(1, "signalfd, eventfd");
	for (long i = 1; i < nr_loops; i++) {
		if (pthread_create(&threads[i], NULL, loop_main, (void *)i))
			errx(1, "pthread_create");
	}
	run_loop(0, signal_fd);
	if (!max_iterations && eventfd_write(end_fd, 1))
		err(1, "eventfd_write");
	for (long i = 1; i < nr_loops; i++)
		pthread_join(threads[i], NULL);
}

static unsigned long number_of(int argc, char **argv, int index, unsigned long otherwise)
{
	return argc > index ? strtoul(argv[index], NULL, 10) : otherwise;
}

int main(int argc, char **argv)
{
	unsigned long nr_loops = number_of(argc, argv, 4, 1);

	setvbuf(stdout, NULL, _IOLBF, 0);
	max_iterations = number_of(argc, argv, 1, 0);
	period_ms = (int)number_of(argc, argv, 2, 20);
	if (argc > 5 || !nr_loops || nr_loops > MAX_LOOPS)
		errx(2, "usage: pod_loop [ITERATIONS [PERIOD_MS [STATUS [LOOPS]]]]");
	run_all((long)nr_loops);
	return (int)number_of(argc, argv, 3, 0);
}
