/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Event loops that live from 5 ms to a second, in processes and threads that come and go, each
 * with a log of what it did.
 *
 *   short_loops NAME RATE SEED
 *
 * Starts RATE processes of that name a second between `start` and `stop` on stdin; 0: as many as
 * the machine can, 256 at a time at most. Some have further loops in threads. Where the kernel lets
 * it, every other process gets one of a few numbers that an earlier one had.
 *
 * Says `ready {}`, `started {}`, and when the last has ended `stopped {}` with the number of
 * processes, of those that got a number again, and the loops: [pid, tid, iterations, events, ns
 * busy at least], in the order in which they began.
 */
#include <err.h>
#include <errno.h>
#include <linux/sched.h>
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
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000ULL
#define NS_PER_MS 1000000ULL
#define SHORTEST_NS (5 * NS_PER_MS)
#define NR_DOUBLINGS 8 /* to somewhat more than a second, which is cut */
#define LONGEST_NS NS_PER_S
#define LONGEST_WAIT_MS 20
#define MAX_SPIN_NS 100000
#define LAST_SPIN_NS 200000 /* after the last wait: only the last window has it */
#define MAX_ROWS 200000
#define MAX_AT_ONCE 256
#define MAX_THREADS 4
#define NR_REUSED 4

struct row {
	pid_t pid, tid;
	uint64_t iterations, events, busy_ns;
};

/* In memory that all processes share. */
struct shared {
	unsigned long nr_rows;
	struct row rows[MAX_ROWS];
};

static struct shared *shared;
static unsigned int seed;
static pid_t reused[NR_REUSED]; /* numbers to give again; 0: none yet */
static unsigned long nr_started, nr_reused, nr_running;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

static void spin_ns(uint64_t ns)
{
	uint64_t end_ns = now_ns() + ns;

	while (now_ns() < end_ns)
		;
}

static struct row *add_row(void)
{
	unsigned long at = __atomic_fetch_add(&shared->nr_rows, 1, __ATOMIC_RELAXED);

	if (at >= MAX_ROWS)
		errx(1, "more than %d loops", MAX_ROWS);
	shared->rows[at].pid = getpid();
	shared->rows[at].tid = gettid();
	return &shared->rows[at];
}

/* As many live between 5 and 10 ms as between 500 ms and a second. */
static uint64_t life_ns(unsigned int *state)
{
	uint64_t ns = SHORTEST_NS << (rand_r(state) % NR_DOUBLINGS);

	ns += ns * (uint64_t)(rand_r(state) % 1000) / 1000;
	return ns < LONGEST_NS ? ns : LONGEST_NS;
}

/* Every other iteration times out, the others find an event at once. */
static void iterate(struct row *row, int epoll_fd, int event_fd, unsigned int *state)
{
	bool ready = rand_r(state) % 2;
	struct epoll_event event;
	uint64_t start_ns;
	eventfd_t value;
	int nr;

	if (ready && eventfd_write(event_fd, 1))
		err(1, "eventfd");
	nr = epoll_wait(epoll_fd, &event, 1, 1 + rand_r(state) % LONGEST_WAIT_MS);
	start_ns = now_ns();
	if (nr != ready || (ready && eventfd_read(event_fd, &value)))
		err(1, "epoll_wait returned %d", nr);
	spin_ns((uint64_t)(rand_r(state) % MAX_SPIN_NS));
	row->iterations++;
	row->events += ready;
	row->busy_ns += now_ns() - start_ns;
}

static void *run_loop(void *unused)
{
	struct row *row = add_row();
	unsigned int state = seed ^ (unsigned int)(row - shared->rows);
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC), event_fd = eventfd(0, EFD_CLOEXEC);
	struct epoll_event event = {.events = EPOLLIN};
	uint64_t end_ns = now_ns() + life_ns(&state);

	if (epoll_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, event_fd, &event))
		err(1, "epoll");
	do {
		iterate(row, epoll_fd, event_fd, &state);
	} while (now_ns() < end_ns);
	spin_ns(LAST_SPIN_NS);
	row->busy_ns += LAST_SPIN_NS;
	close(epoll_fd);
	close(event_fd);
	return unused;
}

/* In whatever order they end: the process does with the last of them. */
static void live(unsigned int nr_threads)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned int i = 0; i < nr_threads; i++) {
		pthread_t thread;

		if (pthread_create(&thread, NULL, run_loop, NULL))
			errx(1, "pthread_create");
		pthread_detach(thread);
	}
	run_loop(NULL);
	pthread_exit(NULL);
}

/* As fork(), with a number that was another process's: -1 where that cannot be had. */
static pid_t fork_as(pid_t *number)
{
	struct clone_args arguments = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t)number,
		.set_tid_size = 1,
	};

	return *number ? (pid_t)syscall(SYS_clone3, &arguments, sizeof(arguments)) : -1;
}

static void start_process(void)
{
	unsigned int state = seed + (unsigned int)nr_started;
	unsigned int nr_threads = rand_r(&state) % 2 ? 0 : 1 + rand_r(&state) % MAX_THREADS;
	pid_t *number = &reused[nr_started / 2 % NR_REUSED];
	pid_t pid = nr_started % 2 ? fork_as(number) : -1;

	if (!pid)
		live(nr_threads);
	if (pid > 0) {
		nr_reused++;
	} else {
		pid = fork();
		if (pid < 0)
			err(1, "fork");
		if (!pid)
			live(nr_threads);
		if (!*number)
			*number = pid;
	}
	nr_started++;
	nr_running++;
}

static void reap(int options)
{
	int status;
	pid_t pid;

	while (nr_running && (pid = waitpid(-1, &status, options)) != 0) {
		if (pid < 0 || status)
			errx(1, "process %d ended with status %d", pid, status);
		nr_running--;
		options = WNOHANG;
	}
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

static void run(unsigned long rate)
{
	uint64_t start_ns = now_ns();

	while (!told("stop", 0)) {
		uint64_t due_ns = rate ? start_ns + nr_started * NS_PER_S / rate : 0,
			 now = now_ns();

		reap(nr_running >= MAX_AT_ONCE ? 0 : WNOHANG);
		if (now >= due_ns)
			start_process();
		else
			usleep((due_ns - now < NS_PER_MS ? due_ns - now : NS_PER_MS) / 1000 + 1);
	}
	while (nr_running)
		reap(0);
}

static void print_rows(void)
{
	printf("stopped {\"processes\":%lu,\"reused\":%lu,\"loops\":[", nr_started, nr_reused);
	for (unsigned long i = 0; i < shared->nr_rows; i++) {
		const struct row *row = &shared->rows[i];

		printf("%s[%d,%d,%lu,%lu,%lu]", i ? "," : "", row->pid, row->tid, row->iterations,
		       row->events, row->busy_ns);
	}
	puts("]}");
	fflush(stdout);
}

int main(int argc, char **argv)
{
	if (argc != 4)
		errx(2, "usage: short_loops NAME RATE SEED");
	seed = (unsigned int)strtoul(argv[3], NULL, 10);
	setpriority(PRIO_PROCESS, 0, 0); /* it is not to keep its observer from running */
	prctl(PR_SET_NAME, argv[1]);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED)
		err(1, "mmap");
	puts("ready {}");
	fflush(stdout);
	while (!told("start", -1))
		;
	puts("started {}");
	fflush(stdout);
	run(strtoul(argv[2], NULL, 10));
	print_rows();
	return 0;
}
