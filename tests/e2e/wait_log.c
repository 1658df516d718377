/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Preloaded into a server, logs that server's wait calls from its own side: the
 * truth that a program without counters of its own is compared with.
 *
 * Each thread that calls epoll_wait or a sibling maps $WAIT_LOG_DIR/<pid>.<tid>,
 * one struct wait_log, and updates it in place; wait_log.py reads it at any time.
 * Times are CLOCK_MONOTONIC, taken just outside the call: `busy` is shorter,
 * and `poll` longer, than what the kernel sees by the cost of the call's edges.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define STALL_NS 50000000ULL /* --blocking-ms at its default */

struct wait_log {
	uint64_t sequence; /* odd while the rest is written */
	uint64_t first_ns; /* the first call's entry */
	uint64_t mark_ns;  /* the last edge */
	uint64_t waiting;  /* whether that was an entry */
	uint64_t iterations;
	uint64_t events;
	uint64_t poll_ns; /* up to mark_ns, from here on */
	uint64_t busy_ns;
	uint64_t busy_max_ns;
	uint64_t stalls;
};

typedef int wait_fn(int, struct epoll_event *, int, int);
typedef int pwait_fn(int, struct epoll_event *, int, int, const sigset_t *);
typedef int pwait2_fn(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);

static wait_fn *real_wait;
static pwait_fn *real_pwait;
static pwait2_fn *real_pwait2;
static char directory[256];
static __thread struct wait_log *thread_log;

/* A forked process logs to a file of its own. */
static void forget_log(void)
{
	thread_log = NULL;
}

__attribute__((constructor)) static void wait_log_init(void)
{
	const char *path = getenv("WAIT_LOG_DIR");

	real_wait = (wait_fn *)dlsym(RTLD_NEXT, "epoll_wait");
	real_pwait = (pwait_fn *)dlsym(RTLD_NEXT, "epoll_pwait");
	real_pwait2 = (pwait2_fn *)dlsym(RTLD_NEXT, "epoll_pwait2");
	if (path) /* copied: servers write their title over the environment */
		snprintf(directory, sizeof(directory), "%s", path);
	pthread_atfork(NULL, NULL, forget_log);
}

static struct wait_log *map_log(void)
{
	char path[300];
	void *map;
	int fd;

	snprintf(path, sizeof(path), "%s/%d.%d", directory, getpid(), gettid());
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0 || ftruncate(fd, sizeof(struct wait_log))) {
		perror(path);
		abort();
	}
	map = mmap(NULL, sizeof(struct wait_log), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		abort();
	return map;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

static void sequence_bump(struct wait_log *log)
{
	__atomic_fetch_add(&log->sequence, 1, __ATOMIC_SEQ_CST);
}

static struct wait_log *log_entry(void)
{
	int saved_errno = errno;
	struct wait_log *log = thread_log;
	uint64_t now, busy;

	if (!log)
		log = thread_log = map_log();
	now = now_ns();
	sequence_bump(log);
	if (log->first_ns) {
		busy = now - log->mark_ns;
		log->busy_ns += busy;
		log->stalls += busy >= STALL_NS;
		if (busy > log->busy_max_ns)
			log->busy_max_ns = busy;
	} else {
		log->first_ns = now;
	}
	log->mark_ns = now;
	log->waiting = 1;
	sequence_bump(log);
	errno = saved_errno;
	return log;
}

static int log_return(struct wait_log *log, int result)
{
	uint64_t now = now_ns();

	sequence_bump(log);
	log->poll_ns += now - log->mark_ns;
	log->iterations++;
	log->events += result > 0 ? result : 0;
	log->mark_ns = now;
	log->waiting = 0;
	sequence_bump(log);
	return result;
}

int epoll_wait(int epfd, struct epoll_event *events, int max_events, int timeout)
{
	struct wait_log *log = log_entry();

	return log_return(log, real_wait(epfd, events, max_events, timeout));
}

int epoll_pwait(int epfd, struct epoll_event *events, int max_events, int timeout,
		const sigset_t *mask)
{
	struct wait_log *log = log_entry();

	return log_return(log, real_pwait(epfd, events, max_events, timeout, mask));
}

int epoll_pwait2(int epfd, struct epoll_event *events, int max_events,
		 const struct timespec *timeout, const sigset_t *mask)
{
	struct wait_log *log = log_entry();

	return log_return(log, real_pwait2(epfd, events, max_events, timeout, mask));
}
