/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Preloaded into a server, logs that server's wait calls from its own side: the
 * truth that a program without counters of its own is compared with.
 *
 * Each thread that calls epoll_wait or a sibling maps $WAIT_LOG_DIR/<pid>.<tid>,
 * one struct wait_log, and updates it in place; wait_log.py reads it at any time.
 * Times are CLOCK_MONOTONIC, taken just outside the call: `busy` is shorter,
 * and `poll` longer, than what the kernel sees by the cost of the call's edges.
 * A call with timeout 0 does not wait: it is an iteration, and busy.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/select.h>
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

enum family { EPOLL, POLL, SELECT, NR_FAMILIES };

static const char *const family_names[NR_FAMILIES] = {
	[EPOLL] = "epoll",
	[POLL] = "poll",
	[SELECT] = "select",
};

typedef int wait_fn(int, struct epoll_event *, int, int);
typedef int pwait_fn(int, struct epoll_event *, int, int, const sigset_t *);
typedef int pwait2_fn(int, struct epoll_event *, int, const struct timespec *, const sigset_t *);
typedef int poll_fn(struct pollfd *, nfds_t, int);
typedef int ppoll_fn(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
typedef int select_fn(int, fd_set *, fd_set *, fd_set *, struct timeval *);
typedef int pselect_fn(int, fd_set *, fd_set *, fd_set *, const struct timespec *,
		       const sigset_t *);

static wait_fn *real_wait;
static pwait_fn *real_pwait;
static pwait2_fn *real_pwait2;
static poll_fn *real_poll;
static ppoll_fn *real_ppoll;
static select_fn *real_select;
static pselect_fn *real_pselect;
static char directory[256];
static __thread struct wait_log *thread_logs[NR_FAMILIES];

/* A forked process logs to a file of its own. */
static void forget_log(void)
{
	for (int family = 0; family < NR_FAMILIES; family++)
		thread_logs[family] = NULL;
}

__attribute__((constructor)) static void wait_log_init(void)
{
	const char *path = getenv("WAIT_LOG_DIR");

	real_wait = (wait_fn *)dlsym(RTLD_NEXT, "epoll_wait");
	real_pwait = (pwait_fn *)dlsym(RTLD_NEXT, "epoll_pwait");
	real_pwait2 = (pwait2_fn *)dlsym(RTLD_NEXT, "epoll_pwait2");
	real_poll = (poll_fn *)dlsym(RTLD_NEXT, "poll");
	real_ppoll = (ppoll_fn *)dlsym(RTLD_NEXT, "ppoll");
	real_select = (select_fn *)dlsym(RTLD_NEXT, "select");
	real_pselect = (pselect_fn *)dlsym(RTLD_NEXT, "pselect");
	if (path) /* copied: servers write their title over the environment */
		snprintf(directory, sizeof(directory), "%s", path);
	pthread_atfork(NULL, NULL, forget_log);
}

static struct wait_log *map_log(enum family family)
{
	char path[320];
	void *map;
	int fd;

	snprintf(path, sizeof(path), "%s/%d.%d.%s", directory, getpid(), gettid(),
		 family_names[family]);
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

static struct wait_log *log_entry(enum family family, int waits)
{
	int saved_errno = errno;
	struct wait_log *log = thread_logs[family];
	uint64_t now, busy;

	if (!log)
		log = thread_logs[family] = map_log(family);
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
	log->waiting = waits;
	sequence_bump(log);
	errno = saved_errno;
	return log;
}

static int log_return(struct wait_log *log, int result)
{
	uint64_t now = now_ns();

	sequence_bump(log);
	if (log->waiting) {
		log->poll_ns += now - log->mark_ns;
		log->mark_ns = now;
	}
	log->iterations++;
	log->events += result > 0 ? result : 0;
	log->waiting = 0;
	sequence_bump(log);
	return result;
}

static int timespec_waits(const struct timespec *timeout)
{
	return !timeout || timeout->tv_sec || timeout->tv_nsec;
}

int epoll_wait(int epfd, struct epoll_event *events, int max_events, int timeout)
{
	struct wait_log *log = log_entry(EPOLL, timeout != 0);

	return log_return(log, real_wait(epfd, events, max_events, timeout));
}

int epoll_pwait(int epfd, struct epoll_event *events, int max_events, int timeout,
		const sigset_t *mask)
{
	struct wait_log *log = log_entry(EPOLL, timeout != 0);

	return log_return(log, real_pwait(epfd, events, max_events, timeout, mask));
}

int epoll_pwait2(int epfd, struct epoll_event *events, int max_events,
		 const struct timespec *timeout, const sigset_t *mask)
{
	struct wait_log *log = log_entry(EPOLL, timespec_waits(timeout));

	return log_return(log, real_pwait2(epfd, events, max_events, timeout, mask));
}

int poll(struct pollfd *fds, nfds_t nr_fds, int timeout)
{
	struct wait_log *log = log_entry(POLL, timeout != 0);

	return log_return(log, real_poll(fds, nr_fds, timeout));
}

int ppoll(struct pollfd *fds, nfds_t nr_fds, const struct timespec *timeout, const sigset_t *mask)
{
	struct wait_log *log = log_entry(POLL, timespec_waits(timeout));

	return log_return(log, real_ppoll(fds, nr_fds, timeout, mask));
}

int select(int nr_fds, fd_set *reads, fd_set *writes, fd_set *others, struct timeval *timeout)
{
	int waits = !timeout || timeout->tv_sec || timeout->tv_usec;
	struct wait_log *log = log_entry(SELECT, waits);

	return log_return(log, real_select(nr_fds, reads, writes, others, timeout));
}

int pselect(int nr_fds, fd_set *reads, fd_set *writes, fd_set *others,
	    const struct timespec *timeout, const sigset_t *mask)
{
	struct wait_log *log = log_entry(SELECT, timespec_waits(timeout));

	return log_return(log, real_pselect(nr_fds, reads, writes, others, timeout, mask));
}
