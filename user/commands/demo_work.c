/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The pages. Each way to hold a loop is a function of its own that is not
 * inlined, so that a stack shows it by name.
 */
#include "commands/demo_work.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS 1000000
#define NS_PER_S 1000000000LL

static volatile sig_atomic_t stopping;
static int stop_fd = -1;

static long long now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

static __attribute__((noinline)) void demo_spin(unsigned int ms)
{
	long long end = now_ns() + (long long)ms * NS_PER_MS;

	while (now_ns() < end && !stopping)
		;
}

static __attribute__((noinline)) void demo_sleep(unsigned int ms)
{
	struct timespec time = {.tv_nsec = (long)ms * NS_PER_MS};

	nanosleep(&time, NULL);
}

static void answer_at_once(void)
{
}

static void work_fast(void)
{
	demo_spin(10);
}

static void work_slow(void)
{
	demo_spin(500);
}

static void work_blocking(void)
{
	demo_sleep(500);
}

const struct demo_page demo_pages[] = {
	{"/", "answers at once", answer_at_once,
	 "the demo server of loopscope: /fast /slow /blocking /health"},
	{"/fast", "spins for 10 ms", work_fast, "that was 10 ms of work"},
	{"/slow", "spins for 500 ms: a stall on the CPU", work_slow, "that was 500 ms of work"},
	{"/blocking", "sleeps for 500 ms: a stall in a system call", work_blocking,
	 "that was 500 ms of sleep"},
	{"/health", "answers at once", answer_at_once, "ok"},
};

const size_t demo_nr_pages = sizeof(demo_pages) / sizeof(demo_pages[0]);

const struct demo_page *demo_page_find(const char *path)
{
	for (size_t i = 0; i < demo_nr_pages; i++) {
		if (strcmp(demo_pages[i].path, path) == 0)
			return &demo_pages[i];
	}
	return NULL;
}

static void on_stop(int signal)
{
	int saved = errno;

	(void)signal;
	stopping = 1;
	/* it only fails when it is readable already */
	(void)!write(stop_fd, &(uint64_t){1}, sizeof(uint64_t));
	errno = saved;
}

int demo_stop_prepare(double duration_s, int *ret_fd)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
	struct sigaction action = {.sa_handler = on_stop};
	struct itimerval timer = {.it_value.tv_sec = (time_t)duration_s};

	stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (stop_fd < 0)
		return -errno;
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	timer.it_value.tv_usec = (duration_s - timer.it_value.tv_sec) * 1e6;
	if (setitimer(ITIMER_REAL, &timer, NULL))
		return -errno;
	*ret_fd = stop_fd;
	return 0;
}

bool demo_stopping(void)
{
	return stopping;
}
