/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that may be loops stuck since before the probes attached. Which
 * thread an eventpoll belongs to is written nowhere; what can be told is which
 * eventpolls have a thread waiting on them, so the rest must belong to threads
 * that do something else. As many threads as there are such eventpolls are
 * taken, the likeliest first: a guess, and a process that keeps an eventpoll
 * without a loop is guessed wrong. One that then turns out to wait for events in
 * another call is not stuck, and is left out.
 */
#include "identity/identity.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/eventpoll.h"
#include "identity/proc.h"
#include "identity/wait_syscall.h"

#define MAX_THREADS 16384 /* looked at */

/* Lower is likelier. */
enum rank {
	RANK_LEADER,
	RANK_RUNNING,
	RANK_BLOCKED,
	RANK_WAITING, /* in another call than epoll's */
	RANK_LOCK,    /* where the idle threads of a pool are too */
	RANK_JOINING, /* waits for another thread to end */
};

struct candidate {
	enum rank rank;
	pid_t tid;
	bool running;
	bool waiting; /* in another call than epoll's: its eventpoll is idle, and it is not stuck */
	int syscall_nr;
};

struct search {
	pid_t pid, parent;
	int directory; /* /proc/PID */
	char process[PROC_COMM_LEN];
	const pid_t *seen_tids;
	size_t nr_seen;
	struct eventpolls polls;
	size_t nr_busy; /* seen loops that do not wait now: one eventpoll each, not known which */
	struct candidate *candidates;
	size_t nr_candidates;
	size_t max_candidates;
};

static int tid_compare(const void *a, const void *b)
{
	const pid_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

/* The caller may have a loop of its own, which is not stuck. */
static bool is_seen(const struct search *search, pid_t tid)
{
	if (search->nr_seen &&
	    bsearch(&tid, search->seen_tids, search->nr_seen, sizeof(tid), tid_compare))
		return true;
	return tid == gettid();
}

/* glibc joins with a futex that the kernel wakes when the thread has ended: not a private one. */
static bool is_joining(const struct proc_syscall *syscall)
{
	return syscall->nr == SYS_futex && !(syscall->args[1] & FUTEX_PRIVATE_FLAG);
}

static enum rank rank_of(bool is_leader, bool waiting, const struct proc_syscall *syscall)
{
	if (is_joining(syscall))
		return RANK_JOINING;
	if (is_leader)
		return RANK_LEADER;
	if (syscall->running)
		return RANK_RUNNING;
	if (waiting)
		return RANK_WAITING;
	return syscall->nr == SYS_futex ? RANK_LOCK : RANK_BLOCKED;
}

static int read_syscall(const struct search *search, pid_t tid, struct proc_syscall *ret_syscall)
{
	char path[64];

	snprintf(path, sizeof(path), "task/%d/syscall", tid);
	return proc_syscall_read(search->directory, path, ret_syscall);
}

static int read_stat(const struct search *search, pid_t tid, struct proc_stat *ret_stat)
{
	char path[64];

	snprintf(path, sizeof(path), "task/%d/stat", tid);
	return proc_stat_read(search->directory, path, ret_stat);
}

static bool is_stopped(const struct proc_stat *stat)
{
	return stat->state == 'T' || stat->state == 't';
}

/* A stopped thread shows the last call that it made, left or not. */
static bool is_going_on(const struct search *search, pid_t tid)
{
	struct proc_stat stat;

	return read_stat(search, tid, &stat) == 0 && !is_stopped(&stat);
}

/* Claims what the thread waits on. */
static bool claim(struct search *search, pid_t tid, const struct proc_syscall *syscall)
{
	if (wait_syscall_family(syscall->nr) != WAIT_EPOLL || !is_going_on(search, tid))
		return false;
	eventpolls_claim(&search->polls, (int)syscall->args[0]);
	return true;
}

static void look_at_seen(struct search *search)
{
	for (size_t i = 0; i < search->nr_seen; i++) {
		pid_t tid = search->seen_tids[i];
		struct proc_syscall syscall;

		if (read_syscall(search, tid, &syscall) == 0 && !claim(search, tid, &syscall))
			search->nr_busy++;
	}
	search->nr_busy += search->pid == getpid();
}

static int add_candidate(struct search *search, const struct candidate *candidate)
{
	if (search->nr_candidates == search->max_candidates) {
		size_t max = search->max_candidates ? search->max_candidates * 2 : 16;
		struct candidate *more =
			reallocarray(search->candidates, max, sizeof(*search->candidates));

		if (!more)
			return -ENOMEM;
		search->candidates = more;
		search->max_candidates = max;
	}
	search->candidates[search->nr_candidates++] = *candidate;
	return 0;
}

static int look_at_thread(struct search *search, pid_t tid)
{
	struct proc_syscall syscall;
	struct candidate candidate;
	bool waiting;

	if (is_seen(search, tid) || read_syscall(search, tid, &syscall) < 0 ||
	    claim(search, tid, &syscall))
		return 0;
	waiting = wait_syscall_is_for_several(&syscall) && is_going_on(search, tid);
	candidate = (struct candidate){
		.rank = rank_of(tid == search->pid, waiting, &syscall),
		.tid = tid,
		.running = syscall.running,
		.waiting = waiting,
		.syscall_nr = syscall.nr,
	};
	return add_candidate(search, &candidate);
}

static int look_at_threads(struct search *search)
{
	int fd = openat(search->directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list) {
		int err = -errno;

		closep(&fd);
		return err;
	}
	for (int i = 0; i < MAX_THREADS && (entry = readdir(list)); i++) {
		pid_t tid = atoi(entry->d_name);
		int err = tid > 0 ? look_at_thread(search, tid) : 0;

		if (err < 0)
			return err;
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct candidate *left = a, *right = b;

	if (left->rank != right->rank)
		return left->rank < right->rank ? -1 : 1;
	return left->tid < right->tid ? -1 : 1;
}

/* How many candidates from there on are of the same rank. */
static size_t nr_alike(const struct search *search, size_t from)
{
	size_t to = from;

	while (to < search->nr_candidates &&
	       search->candidates[to].rank == search->candidates[from].rank)
		to++;
	return to - from;
}

/* False if the thread is gone, or not the program's own. */
static bool describe(const struct search *search, const struct candidate *candidate,
		     struct unseen_thread *thread)
{
	struct proc_stat stat;

	if (read_stat(search, candidate->tid, &stat) < 0 || stat.state == 'Z' ||
	    stat.state == 'X' || (stat.flags & PROC_FLAG_IO_WORKER))
		return false;
	*thread = (struct unseen_thread){
		.pid = search->pid,
		.tid = candidate->tid,
		.start_ticks = stat.start_ticks,
		.running = candidate->running,
		.stopped = is_stopped(&stat),
		.syscall_nr = is_stopped(&stat) ? -1 : candidate->syscall_nr,
	};
	memcpy(thread->thread, stat.comm, sizeof(thread->thread));
	memcpy(thread->process, search->process, sizeof(thread->process));
	return true;
}

/* Takes `max` of the candidates, or as many as are worth a guess, but for those that wait. */
static size_t choose(struct search *search, struct unseen_thread *threads, size_t max)
{
	size_t nr = 0, nr_waiting = 0;

	if (search->nr_candidates)
		qsort(search->candidates, search->nr_candidates, sizeof(*search->candidates),
		      compare);
	for (size_t i = 0; i < search->nr_candidates && nr + nr_waiting < max; i++) {
		const struct candidate *candidate = &search->candidates[i];
		bool first = !i || candidate->rank != candidate[-1].rank;

		/* one of many that idle on a lock: no better than chance */
		if (first && candidate->rank >= RANK_LOCK &&
		    nr_alike(search, i) > max - nr - nr_waiting)
			break;
		if (candidate->waiting)
			nr_waiting++;
		else
			nr += describe(search, candidate, &threads[nr]);
	}
	return nr;
}

static size_t nr_without_loop(const struct search *search)
{
	return eventpolls_without_loop(&search->polls, search->directory, search->pid,
				       search->parent, search->nr_busy);
}

static int find(struct search *search, struct unseen_thread *threads, size_t max_threads)
{
	struct proc_stat stat;
	size_t nr;
	int err;

	err = proc_stat_read(search->directory, "stat", &stat);
	if (err < 0)
		return err;
	search->parent = stat.parent;
	memcpy(search->process, stat.comm, sizeof(search->process));
	err = eventpolls_read(search->directory, search->pid, &search->polls);
	if (err < 0)
		return err;
	/* most processes end here, before their thousands of threads are looked at */
	look_at_seen(search);
	if (!nr_without_loop(search))
		return 0;
	err = look_at_threads(search);
	if (err < 0)
		return err;
	nr = nr_without_loop(search);
	return choose(search, threads, nr < max_threads ? nr : max_threads);
}

int unseen_find(pid_t pid, const pid_t *seen_tids, size_t nr_seen, struct unseen_thread *threads,
		size_t max_threads)
{
	_cleanup_(closep) int directory = proc_open(pid);
	struct search search = {
		.pid = pid, .directory = directory, .seen_tids = seen_tids, .nr_seen = nr_seen};
	int ret;

	if (directory < 0)
		return directory;
	ret = find(&search, threads, max_threads);
	free(search.candidates);
	return ret;
}
