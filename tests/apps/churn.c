/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Processes that come and go, each with one or two short event loops, and that
 * count what they did.
 *
 *   churn NR SEED      keeps NR of them running, once told to `start` on stdin;
 *                      their name is churn-SEED
 *
 * Says `ready {}`, `started {}`, and on `stop`, when the last of them has ended,
 * `stopped {}` with the processes, loops, iterations and events of all there were.
 */
#include <err.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_PROCESSES 1000
#define MAX_ITERATIONS 60
#define MAX_TIMEOUT_MS 40

/* In memory that the children share. */
struct counts {
	unsigned long loops, iterations, events;
};

static struct counts *all_counts;
static unsigned int seed;

static void spin_us(unsigned int us)
{
	struct timespec now, start;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000000 + (now.tv_nsec - start.tv_nsec) / 1000 <
		 (long)us);
}

/* Half the iterations time out, the others find an event at once. */
static void *run_loop(void *argument)
{
	struct counts *counts = argument;
	unsigned int state = seed ^ (unsigned int)gettid();
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC), event_fd = eventfd(0, EFD_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};
	eventfd_t value;

	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_fd, &event))
		err(1, "epoll");
	__atomic_fetch_add(&counts->loops, 1, __ATOMIC_RELAXED);
	for (int left = 1 + rand_r(&state) % MAX_ITERATIONS; left; left--) {
		bool ready = rand_r(&state) % 2;
		int nr_events;

		if (ready && eventfd_write(event_fd, 1))
			err(1, "eventfd");
		nr_events = epoll_wait(epoll_fd, &event, 1, 1 + rand_r(&state) % MAX_TIMEOUT_MS);
		if (nr_events != ready || (ready && eventfd_read(event_fd, &value)))
			err(1, "epoll_wait returned %d", nr_events);
		__atomic_fetch_add(&counts->iterations, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&counts->events, nr_events, __ATOMIC_RELAXED);
		spin_us(rand_r(&state) % 100);
	}
	close(epoll_fd);
	close(event_fd);
	return NULL;
}

static void live(struct counts *counts)
{
	pthread_t second;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getpid() % 4 == 0) {
		if (pthread_create(&second, NULL, run_loop, counts))
			errx(1, "pthread_create");
		run_loop(counts);
		pthread_join(second, NULL);
	} else {
		run_loop(counts);
	}
	_exit(0);
}

static void start_process(unsigned long *nr_started)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid)
		live(all_counts);
	++*nr_started;
}

/* Returns when one has ended, which is at most every few milliseconds. */
static void await_end(void)
{
	int status;

	if (wait(&status) < 0 || status)
		errx(1, "a process ended with status %d", status);
}

static bool told(const char *word, int timeout_ms)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	char line[32] = "";

	if (poll(&input, 1, timeout_ms) <= 0)
		return false;
	if (read(STDIN_FILENO, line, sizeof(line) - 1) <= 0)
		exit(0);
	return !strncmp(line, word, strlen(word));
}

static void say(const char *word, unsigned long nr_processes)
{
	printf("%s {\"processes\": %lu, \"loops\": %lu, \"iterations\": %lu, \"events\": %lu}\n",
	       word, nr_processes, all_counts->loops, all_counts->iterations, all_counts->events);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	unsigned long nr_started = 0;
	char name[16];
	int nr;

	if (argc != 3 || (nr = atoi(argv[1])) <= 0 || nr > MAX_PROCESSES)
		errx(2, "usage: churn NR SEED");
	seed = (unsigned int)strtoul(argv[2], NULL, 10);
	snprintf(name, sizeof(name), "churn-%u", seed);
	prctl(PR_SET_NAME, name);
	all_counts = mmap(NULL, sizeof(*all_counts), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all_counts == MAP_FAILED)
		err(1, "mmap");
	say("ready", 0);
	while (!told("start", -1))
		;
	say("started", 0);
	for (int i = 0; i < nr; i++)
		start_process(&nr_started);
	while (!told("stop", 0)) {
		await_end();
		start_process(&nr_started);
	}
	for (int i = 0; i < nr; i++)
		await_end();
	say("stopped", nr_started);
	return 0;
}
