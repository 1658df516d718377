/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Event loops to measure an observer with.
 *
 *   loop_gen serve                  one command a line on stdin, one answer a line on stdout:
 *     ready BATCHES COUNT           epoll_wait that returns at once, COUNT times
 *     blocking BATCHES COUNT        epoll_wait that sleeps: two loops wake each other in turn
 *     getppid BATCHES COUNT         a system call that is not a wait
 *     poll BATCHES COUNT            poll() of one descriptor that is ready, by a thread that is no
 *                                   loop, as a client's library makes it
 *     answer BATCHES COUNT          the same, and the descriptor becomes ready while it sleeps
 *     futex BATCHES COUNT           two threads that are no loops wake each other by futex in turn
 *                                   answer: ns each, of the fastest of BATCHES
 *     hammer MS                     ready iterations for so long; answer: their number
 *     compute COUNT UNITS           COUNT iterations, each held up by so much work
 *     sleep COUNT US                the same, each asleep for so long; answer: mean ns each
 *   loop_gen loops NR RATE IDLE     NR loops of RATE timer expiries a second, and IDLE threads
 *                                   that sleep; prints "ready" when all are up
 *
 * Both end at the end of stdin.
 */
#include <err.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "client_load.h"
#include "load.h"
#include "stall_load.h"

/* One file descriptor to wait for, and the epoll instance that waits. */
struct loop {
	int epoll_fd;
	int event_fd;
};

static void loop_open(struct loop *loop, int event_fd, uint32_t events)
{
	struct epoll_event event = {.events = events};

	if (event_fd < 0)
		err(1, "cannot make a descriptor to wait for");
	loop->event_fd = event_fd;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll_fd < 0 || epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, event_fd, &event))
		err(1, "epoll");
}

static void loop_close(const struct loop *loop)
{
	close(loop->epoll_fd);
	close(loop->event_fd);
}

static void loop_wait(const struct loop *loop)
{
	struct epoll_event event;
	int nr_events;

	do {
		nr_events = epoll_wait(loop->epoll_fd, &event, 1, -1);
	} while (nr_events < 0 && errno == EINTR);
	if (nr_events != 1)
		err(1, "epoll_wait");
}

static void loop_wake(const struct loop *loop)
{
	if (eventfd_write(loop->event_fd, 1))
		err(1, "write to eventfd");
}

static void run_ready(unsigned long count, void *context)
{
	while (count--)
		loop_wait(context);
}

static void run_getppid(unsigned long count, void *context)
{
	(void)context;
	while (count--)
		syscall(SYS_getppid);
}

/* Two loops on one CPU: each waits until the other has written, so every wait sleeps. */
struct ping_pong {
	struct loop here;
	struct loop there;
	unsigned long nr_rounds; /* what the other thread shall do */
};

static void *pong(void *argument)
{
	struct ping_pong *pair = argument;

	for (unsigned long i = 0; i < pair->nr_rounds; i++) {
		loop_wait(&pair->there);
		loop_wake(&pair->here);
	}
	return NULL;
}

/* `count` iterations in all, half of them on either side. */
static void run_blocking(unsigned long count, void *context)
{
	struct ping_pong *pair = context;

	for (unsigned long i = 0; i < count / 2; i++) {
		loop_wake(&pair->there);
		loop_wait(&pair->here);
	}
}

static double measure_ready(unsigned long nr_batches, unsigned long count)
{
	struct loop loop;
	double ns;

	loop_open(&loop, eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN);
	ns = fastest_batch(nr_batches, count, run_ready, &loop);
	loop_close(&loop);
	return ns;
}

static double measure_blocking(unsigned long nr_batches, unsigned long count)
{
	struct ping_pong pair = {.nr_rounds = nr_batches * (count / 2)};
	pthread_t thread;
	double ns;

	/* edge-triggered: each write is one event, and nobody need read it away */
	loop_open(&pair.here, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN | EPOLLET);
	loop_open(&pair.there, eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN | EPOLLET);
	thread = thread_start(pong, &pair);
	ns = fastest_batch(nr_batches, count, run_blocking, &pair);
	pthread_join(thread, NULL);
	loop_close(&pair.here);
	loop_close(&pair.there);
	return ns;
}

static unsigned long hammer(unsigned long duration_ms)
{
	uint64_t end_ns = now_ns() + duration_ms * 1000000;
	unsigned long nr_iterations = 0;
	struct loop loop;

	loop_open(&loop, eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK), EPOLLIN);
	while (now_ns() < end_ns) {
		run_ready(1000, &loop);
		nr_iterations += 1000;
	}
	loop_close(&loop);
	return nr_iterations;
}

static int serve(void)
{
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		unsigned long batches, count, each;

		if (sscanf(line, "ready %lu %lu", &batches, &count) == 2)
			printf("%.3f\n", measure_ready(batches, count));
		else if (sscanf(line, "blocking %lu %lu", &batches, &count) == 2)
			printf("%.3f\n", measure_blocking(batches, count));
		else if (sscanf(line, "getppid %lu %lu", &batches, &count) == 2)
			printf("%.3f\n", fastest_batch(batches, count, run_getppid, NULL));
		else if (sscanf(line, "poll %lu %lu", &batches, &count) == 2)
			printf("%.3f\n", client_measure(CLIENT_POLL, batches, count));
		else if (sscanf(line, "answer %lu %lu", &batches, &count) == 2)
			printf("%.3f\n", client_measure(CLIENT_ANSWER, batches, count));
		else if (sscanf(line, "futex %lu %lu", &batches, &count) == 2)
			printf("%.3f\n", client_measure(CLIENT_FUTEX, batches, count));
		else if (sscanf(line, "compute %lu %lu", &count, &each) == 2)
			printf("%.3f\n", stall_measure_computing(count, each));
		else if (sscanf(line, "sleep %lu %lu", &count, &each) == 2)
			printf("%.3f\n", stall_measure_sleeping(count, each));
		else if (sscanf(line, "hammer %lu", &count) == 1)
			printf("%lu\n", hammer(count));
		else
			errx(1, "not a command: %s", line);
		fflush(stdout);
	}
	return 0;
}

static pthread_barrier_t all_up;

static void *idle_thread(void *argument)
{
	(void)argument;
	pthread_barrier_wait(&all_up);
	for (;;)
		pause();
	return NULL;
}

static void *timer_loop(void *argument)
{
	const struct itimerspec *period = argument;
	struct loop loop;
	uint64_t expiries;

	loop_open(&loop, timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK), EPOLLIN);
	pthread_barrier_wait(&all_up);
	if (timerfd_settime(loop.event_fd, 0, period, NULL))
		err(1, "timerfd_settime");
	for (;;) {
		loop_wait(&loop);
		if (read(loop.event_fd, &expiries, sizeof(expiries)) < 0 && errno != EAGAIN)
			err(1, "read from timerfd");
	}
	return NULL;
}

/* The first expiries spread over one period, as those of unrelated loops do. */
static struct itimerspec *timer_periods(unsigned long nr, unsigned long rate)
{
	struct itimerspec *periods = calloc(nr, sizeof(*periods));
	uint64_t period_ns = NS_PER_SECOND / rate;

	if (nr && !periods)
		err(1, "calloc");
	for (unsigned long i = 0; i < nr; i++) {
		uint64_t first_ns = period_ns / nr * i + 1;

		periods[i].it_interval.tv_sec = (time_t)(period_ns / NS_PER_SECOND);
		periods[i].it_interval.tv_nsec = (long)(period_ns % NS_PER_SECOND);
		periods[i].it_value.tv_sec = (time_t)(first_ns / NS_PER_SECOND);
		periods[i].it_value.tv_nsec = (long)(first_ns % NS_PER_SECOND);
	}
	return periods;
}

static int run_loops(unsigned long nr_loops, unsigned long rate, unsigned long nr_idle)
{
	struct itimerspec *periods = timer_periods(nr_loops, rate);

	pthread_barrier_init(&all_up, NULL, (unsigned int)(nr_loops + nr_idle + 1));
	for (unsigned long i = 0; i < nr_loops; i++)
		thread_start(timer_loop, &periods[i]);
	for (unsigned long i = 0; i < nr_idle; i++)
		thread_start(idle_thread, NULL);
	pthread_barrier_wait(&all_up);
	puts("ready");
	fflush(stdout);
	while (getchar() != EOF)
		;
	_exit(0); /* the threads still use what exit() would tear down */
}

static unsigned long parse_count(const char *text, unsigned long min)
{
	char *end;
	unsigned long count;

	errno = 0;
	count = strtoul(text, &end, 10);
	if (errno || end == text || *end || count < min || count > INT_MAX)
		errx(2, "not a count: %s", text);
	return count;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "serve"))
		return serve();
	if (argc == 5 && !strcmp(argv[1], "loops"))
		return run_loops(parse_count(argv[2], 0), parse_count(argv[3], 1),
				 parse_count(argv[4], 0));
	errx(2, "usage: loop_gen serve | loops NR RATE IDLE");
}
