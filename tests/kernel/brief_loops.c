/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * brief_loops: processes and threads that live for a few milliseconds, each an epoll loop that
 * writes one line of JSON about itself before it ends. Started, it says `ready`, waits for a line,
 * does what its arguments say, says `done`, and ends at the next line. Its main thread itself
 * waits for nothing in epoll.
 *
 *   storm N DEPTH   N children at once, each of which forks the next generation, DEPTH in all
 *   orphans N       N children at once, which begin when their parent has ended
 *   threads N       one thread after the other, all of the same tid
 *   processes N     one child after the other, all of the same pid
 *
 * A tid is used again by way of ns_last_pid: in a pid namespace where nobody else forks.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SPIN_US 100
#define SLEEP_US 100

static _Noreturn void give_up(const char *what)
{
	fprintf(stderr, "brief_loops: %s: %s\n", what, strerror(errno));
	_exit(2);
}

static void say(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0) /* short: one piece */
		give_up("write");
}

static void await_line(void)
{
	char byte;

	while (read(STDIN_FILENO, &byte, 1) == 1 && byte != '\n')
		;
}

static void spin(void)
{
	struct timespec start, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while ((now.tv_sec - start.tv_sec) * 1000000000 + now.tv_nsec - start.tv_nsec <
		 SPIN_US * 1000);
}

static int wait_once(int epfd, int timeout_ms, int expected)
{
	static __thread struct epoll_event events[4];

	if (epoll_wait(epfd, events, 4, timeout_ms) != expected)
		give_up("epoll_wait");
	return expected;
}

/* As many waits as it is numbered, and one more; the odd ones sleep in between, others spin. */
static void run_loop(unsigned int number)
{
	const struct timespec pause = {.tv_nsec = SLEEP_US * 1000};
	struct epoll_event event = {.events = EPOLLIN};
	int epfd = epoll_create1(EPOLL_CLOEXEC), fd = eventfd(1, EFD_CLOEXEC);
	unsigned int events = 0, sleeps = 0;
	char line[160];

	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event))
		give_up("epoll_ctl");
	for (unsigned int i = 0; i < number; i++) {
		events += wait_once(epfd, -1, 1);
		if (number % 2) {
			clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
			sleeps++;
		} else {
			spin();
		}
	}
	close(fd);
	wait_once(epfd, 1, 0);
	close(epfd);
	snprintf(line, sizeof(line),
		 "{\"pid\":%d,\"tid\":%d,\"iterations\":%u,\"events\":%u,\"sleeps\":%u}\n",
		 getpid(), gettid(), number + 1, events, sleeps);
	say(line);
}

static void await_children(void)
{
	while (wait(NULL) >= 0)
		;
}

/* Every third child is forked by one that ends at once, so that nobody it knows is its parent. */
static void start_generation(unsigned int number, unsigned int depth)
{
	pid_t pid = fork();

	if (pid < 0)
		give_up("fork");
	if (pid)
		return;
	if (number % 3 == 0 && fork())
		_exit(0);
	run_loop(number);
	if (depth > 1) {
		start_generation(number + 1, depth - 1);
		await_children();
	}
	_exit(0);
}

static void storm(unsigned int nr, unsigned int depth)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* orphans are awaited too */
	for (unsigned int i = 0; i < nr; i++)
		start_generation(5 + i % 20, depth);
	await_children();
}

static _Noreturn void orphans(unsigned int nr)
{
	pid_t parent = getpid();

	for (unsigned int i = 0; i < nr; i++) {
		if (fork())
			continue;
		while (getppid() == parent)
			usleep(1000);
		run_loop(5 + i);
		_exit(0);
	}
	_exit(0);
}

/* The next process or thread of this namespace gets this number, if it is free. */
static void set_next_pid(pid_t pid)
{
	int fd = open("/proc/sys/kernel/ns_last_pid", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dprintf(fd, "%d", pid - 1) < 0)
		give_up("ns_last_pid");
	close(fd);
}

/* A loop to be run under one tid; 0: under any. Afterwards tid is what it got. */
struct round {
	unsigned int number;
	pid_t wanted, tid;
};

static bool run_round(const struct round *round)
{
	bool right = !round->wanted || gettid() == round->wanted;

	if (right)
		run_loop(round->number);
	return right;
}

static void *round_thread(void *argument)
{
	struct round *round = argument;

	round->tid = gettid();
	run_round(round);
	return NULL;
}

static void run_thread(struct round *round)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, round_thread, round);
	if (errno)
		give_up("pthread_create");
	pthread_join(thread, NULL);
}

static void run_process(struct round *round)
{
	round->tid = fork();
	if (round->tid < 0)
		give_up("fork");
	if (!round->tid) {
		run_round(round);
		_exit(0);
	}
	waitpid(round->tid, NULL, 0);
}

/* The number of one that has just ended may not be free yet: then another try. */
static void reuse(unsigned int nr, void (*run)(struct round *round))
{
	struct round round = {0};

	for (unsigned int i = 0; i < nr; i++) {
		round.number = 3 + i;
		do {
			if (round.wanted)
				set_next_pid(round.wanted);
			run(&round);
		} while (round.wanted && round.tid != round.wanted);
		round.wanted = round.tid;
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";
	unsigned int nr = argc > 2 ? atoi(argv[2]) : 0;

	say("ready\n");
	await_line();
	if (!strcmp(what, "storm") && argc == 4)
		storm(nr, atoi(argv[3]));
	else if (!strcmp(what, "orphans"))
		orphans(nr);
	else if (!strcmp(what, "threads"))
		reuse(nr, run_thread);
	else if (!strcmp(what, "processes"))
		reuse(nr, run_process);
	else
		return 1;
	say("done\n");
	await_line();
	return 0;
}
