/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Very many event loops at once, which count what they do; some of them keep a log of the time
 * that it takes too.
 *
 *   many_loops NAME PROCESSES THREADS RATE EACH
 *
 * PROCESSES processes of that name, each with THREADS loops: epoll instances that a timer wakes
 * RATE times a second, between `start` and `stop` on stdin. Every EACHth loop spins for a while
 * then, sleeps through one stall, and measures both.
 *
 * Says `ready {}` when all wait, `started {}`, and `stopped {}` when all wait again, with the
 * loops: [pid, tid, iterations, events], and of those that measure [busy ns, ns that they cannot
 * be sure of, stalls at least, stalls at most] beside that.
 */
#include <err.h>
#include <errno.h>
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
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "../kernel/scripted_loop/sample.h"

#define NS_PER_S 1000000000ULL
#define STACK_BYTES (64 * 1024)
#define MAX_LOOPS 30000
#define EDGE_NS 2000 /* from the kernel's edges of a wait call to the clocks read around it */
#define STALL_NS (50 * 1000000ULL)
#define STALL_SLEEP_NS (60 * 1000000L)
#define STALL_AT 2 /* the timer's expiry in which the stall is */
#define SPIN_NS 100000

/* In memory that all processes share. */
struct row {
	pid_t pid, tid;
	uint64_t iterations, events;
	uint64_t busy_ns, unsure_ns;
	uint64_t stalls_least, stalls_most;
};

struct shared {
	bool run; /* what the loops are to do when they are told to look */
	unsigned long nr_waiting;
	struct row rows[MAX_LOOPS];
};

struct loop {
	struct row *row;
	bool measures;
	int epoll_fd, timer_fd, schedstat_fd;
	unsigned long nr_expiries;
	uint64_t doubt_ns; /* of the last wait */
};

static struct shared *shared;
static unsigned long nr_processes, nr_threads, rate, each;
static int told_fd; /* written to when there is something to look at */

static void watch(const struct loop *loop, int fd)
{
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.fd = fd};

	if (epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, fd, &event))
		err(1, "epoll_ctl");
}

static void open_loop(struct loop *loop)
{
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (loop->epoll_fd < 0 || loop->timer_fd < 0)
		err(1, "opening a loop");
	loop->schedstat_fd = loop->measures ? sample_open() : -1;
	watch(loop, told_fd);
	watch(loop, loop->timer_fd);
}

/* The loops' timers are spread over one period, as those of unrelated loops are. */
static void set_timer(const struct loop *loop)
{
	uint64_t period_ns = NS_PER_S / rate, nr = nr_processes * nr_threads;
	uint64_t first_ns = 1 + period_ns * (uint64_t)(loop->row - shared->rows) / nr;
	struct itimerspec when = {};

	if (shared->run) {
		when.it_value.tv_sec = (time_t)(first_ns / NS_PER_S);
		when.it_value.tv_nsec = (long)(first_ns % NS_PER_S);
		when.it_interval.tv_sec = (time_t)(period_ns / NS_PER_S);
		when.it_interval.tv_nsec = (long)(period_ns % NS_PER_S);
	}
	if (timerfd_settime(loop->timer_fd, 0, &when, NULL))
		err(1, "timerfd_settime");
}

static void work(struct loop *loop)
{
	uint64_t end_ns = now_ns() + SPIN_NS;

	if (!loop->measures)
		return;
	if (++loop->nr_expiries == STALL_AT)
		nanosleep(&(struct timespec){.tv_nsec = STALL_SLEEP_NS}, NULL);
	while (now_ns() < end_ns)
		;
}

/* True if there was something to look at: the loop is then to be told of as waiting. */
static bool handle(struct loop *loop, const struct epoll_event *events, int nr)
{
	bool told = false;
	uint64_t expiries;

	for (int i = 0; i < nr; i++) {
		if (events[i].data.fd == told_fd) {
			set_timer(loop);
			told = true;
		} else if (read(loop->timer_fd, &expiries, sizeof(expiries)) > 0) {
			work(loop);
		}
	}
	return told;
}

static int wait_for_events(struct loop *loop, struct epoll_event events[2])
{
	int nr = epoll_wait(loop->epoll_fd, events, 2, -1);

	if (nr < 0)
		err(1, "epoll_wait");
	loop->row->iterations++;
	loop->row->events += (unsigned int)nr;
	return nr;
}

/* Preempted in or around the wait: poll or busy, the log cannot say. */
static void measure_wait(struct loop *loop, const struct sample *before, const struct sample *after)
{
	loop->doubt_ns = EDGE_NS;
	if (after->preempted != before->preempted)
		loop->doubt_ns += after->delay_ns - before->delay_ns;
	loop->row->unsure_ns += loop->doubt_ns;
}

static void measure_work(struct loop *loop, const struct sample *after, const struct sample *now)
{
	uint64_t busy_ns = now->mono_ns - after->mono_ns;

	loop->row->busy_ns += busy_ns;
	loop->row->stalls_least += busy_ns >= STALL_NS;
	loop->row->stalls_most += busy_ns + 2 * loop->doubt_ns + EDGE_NS >= STALL_NS;
}

static void run_measured(struct loop *loop)
{
	struct sample before, after, now;
	struct epoll_event events[2];

	sample_before(loop->schedstat_fd, &before);
	for (;;) {
		int nr = wait_for_events(loop, events);
		bool told;

		sample_after(loop->schedstat_fd, &after);
		measure_wait(loop, &before, &after);
		told = handle(loop, events, nr);
		sample_before(loop->schedstat_fd, &now);
		measure_work(loop, &after, &now);
		before = now;
		if (told)
			__atomic_fetch_add(&shared->nr_waiting, 1, __ATOMIC_RELEASE);
	}
}

static void run_plain(struct loop *loop)
{
	struct epoll_event events[2];

	for (;;) {
		int nr = wait_for_events(loop, events);

		if (handle(loop, events, nr))
			__atomic_fetch_add(&shared->nr_waiting, 1, __ATOMIC_RELEASE);
	}
}

static void *run_loop(void *argument)
{
	struct loop loop = {.row = argument};

	loop.measures = each && (unsigned long)(loop.row - shared->rows) % each == 0;
	open_loop(&loop);
	loop.row->pid = getpid();
	loop.row->tid = gettid();
	__atomic_fetch_add(&shared->nr_waiting, 1, __ATOMIC_RELEASE);
	if (loop.measures)
		run_measured(&loop);
	else
		run_plain(&loop);
	return NULL;
}

/* The first loop is the process's main thread. */
static void live(struct row *rows)
{
	pthread_attr_t attributes;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (unsigned long i = 1; i < nr_threads; i++) {
		pthread_t thread;
		int r = pthread_create(&thread, &attributes, run_loop, &rows[i]);

		if (r)
			errx(1, "cannot start a thread: %s", strerror(r));
	}
	run_loop(rows);
}

static void start_processes(void)
{
	for (unsigned long i = 0; i < nr_processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (!pid)
			live(&shared->rows[i * nr_threads]);
	}
}

/* The counter is reached just before the last wait is entered. */
static void await_all(void)
{
	while (__atomic_load_n(&shared->nr_waiting, __ATOMIC_ACQUIRE) < nr_processes * nr_threads)
		usleep(1000);
	shared->nr_waiting = 0;
}

static void tell_all(bool run)
{
	shared->run = run;
	if (eventfd_write(told_fd, 1))
		err(1, "eventfd");
	await_all();
}

static void print_rows(void)
{
	printf("stopped {\"loops\":[");
	for (unsigned long i = 0; i < nr_processes * nr_threads; i++) {
		const struct row *row = &shared->rows[i];

		printf("%s[%d,%d,%lu,%lu", i ? "," : "", row->pid, row->tid, row->iterations,
		       row->events);
		if (each && i % each == 0)
			printf(",%lu,%lu,%lu,%lu", row->busy_ns, row->unsure_ns, row->stalls_least,
			       row->stalls_most);
		printf("]");
	}
	printf("]}\n");
	fflush(stdout);
}

static unsigned long count_of(const char *text, unsigned long min, unsigned long max)
{
	char *end;
	unsigned long count;

	errno = 0;
	count = strtoul(text, &end, 10);
	if (errno || end == text || *end || count < min || count > max)
		errx(2, "not a count from %lu to %lu: %s", min, max, text);
	return count;
}

static void prepare(const char *name)
{
	struct rlimit limit;

	prctl(PR_SET_NAME, name);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		err(1, "getrlimit");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "setrlimit");
	told_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (told_fd < 0 || shared == MAP_FAILED)
		err(1, "preparing");
}

int main(int argc, char **argv)
{
	char line[32];

	if (argc != 6)
		errx(2, "usage: many_loops NAME PROCESSES THREADS RATE EACH");
	nr_processes = count_of(argv[2], 1, MAX_LOOPS);
	nr_threads = count_of(argv[3], 1, MAX_LOOPS / nr_processes);
	rate = count_of(argv[4], 1, 1000);
	each = count_of(argv[5], 0, MAX_LOOPS);
	prepare(argv[1]);
	start_processes();
	await_all();
	puts("ready {}");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		tell_all(!strcmp(line, "start\n"));
		if (shared->run)
			puts("started {}");
		else
			print_rows();
		fflush(stdout);
	}
	return 0;
}
