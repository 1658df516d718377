/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Candidates at attach, narrowed down by what waits afterwards. */
#include "commands/unseen_threads.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "identity/proc.h"

#define MAX_PER_PROCESS 32

int seen_threads_add(struct seen_threads *seen, pid_t pid, pid_t tid)
{
	if (seen->nr == seen->capacity) {
		size_t capacity = seen->capacity ? 2 * seen->capacity : 64;
		struct seen_thread *threads =
			reallocarray(seen->threads, capacity, sizeof(*threads));

		if (!threads)
			return -ENOMEM;
		seen->threads = threads;
		seen->capacity = capacity;
	}
	seen->threads[seen->nr++] = (struct seen_thread){pid, tid};
	return 0;
}

static int seen_compare(const void *a, const void *b)
{
	const struct seen_thread *left = a, *right = b;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return (left->tid > right->tid) - (left->tid < right->tid);
}

/* There may be ten thousand, in as many processes: each is looked up, not searched for. */
static void seen_sort(struct seen_threads *seen)
{
	if (seen->nr)
		qsort(seen->threads, seen->nr, sizeof(*seen->threads), seen_compare);
}

/* The first that is of this process or of one with a higher number. */
static size_t seen_first(const struct seen_threads *seen, pid_t pid)
{
	size_t low = 0, high = seen->nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seen->threads[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* How many threads of the process are unseen, or -errno. */
static int find_in_process(pid_t pid, const struct seen_threads *seen,
			   struct unseen_thread threads[MAX_PER_PROCESS])
{
	size_t first = seen_first(seen, pid), nr = 0;
	_cleanup_(freep) pid_t *tids = NULL;

	while (first + nr < seen->nr && seen->threads[first + nr].pid == pid)
		nr++;
	tids = calloc(nr + 1, sizeof(*tids));
	if (!tids)
		return -ENOMEM;
	for (size_t i = 0; i < nr; i++)
		tids[i] = seen->threads[first + i].tid;
	return unseen_find(pid, tids, nr, threads, MAX_PER_PROCESS);
}

static bool has_pid(const struct pid_list *list, pid_t pid)
{
	for (size_t i = 0; i < list->nr; i++) {
		if (list->pids[i] == pid)
			return true;
	}
	return false;
}

/* Whether the kernel side would make a loop of it, if it waited. */
static bool is_target(const struct watch_options *options, const struct pid_list *processes,
		      const struct unseen_thread *thread)
{
	const struct scope_config *scope = &options->scope;

	if (target_name_matches(scope->not_globs, scope->nr_not_globs, thread->thread,
				thread->process))
		return false;
	return scope->all ||
	       target_name_matches(scope->globs, scope->nr_globs, thread->thread,
				   thread->process) ||
	       has_pid(processes, thread->pid);
}

static bool contains(const struct unseen_threads *unseen, const struct unseen_thread *thread)
{
	for (size_t i = 0; i < unseen->nr; i++) {
		if (unseen->threads[i].tid == thread->tid)
			return true;
	}
	return false;
}

static int add(struct unseen_threads *unseen, const struct unseen_thread *thread)
{
	struct unseen_thread *threads =
		reallocarray(unseen->threads, unseen->nr + 1, sizeof(*threads));

	if (!threads)
		return -ENOMEM;
	threads[unseen->nr++] = *thread;
	unseen->threads = threads;
	return 0;
}

static int find_among(struct unseen_threads *unseen, const struct watch_options *options,
		      const struct pid_list *processes, const struct pid_list *candidates,
		      const struct seen_threads *seen)
{
	for (size_t i = 0; i < candidates->nr; i++) {
		struct unseen_thread found[MAX_PER_PROCESS];
		int nr = find_in_process(candidates->pids[i], seen, found);

		for (int j = 0; j < nr; j++) {
			if (!is_target(options, processes, &found[j]) ||
			    contains(unseen, &found[j]))
				continue;
			if (add(unseen, &found[j]))
				return -ENOMEM;
		}
	}
	return 0;
}

int unseen_threads_find(struct unseen_threads *unseen, const struct watch_options *options,
			struct seen_threads *seen)
{
	_cleanup_(pid_list_done) struct pid_list processes = {}, candidates = {};
	int r;

	if (options->scope.wait_family && options->scope.wait_family != WAIT_EPOLL)
		return 0; /* it is eventpolls that tell of them */
	seen_sort(seen);
	r = target_processes(options, &processes) ?: target_candidates(options, &candidates);
	return r ?: find_among(unseen, options, &processes, &candidates, seen);
}

/* Takes over what is known of the thread now; false if it is unseen no more. */
static bool refresh_one(struct unseen_thread *thread, const struct unseen_thread *found, int nr)
{
	for (int i = 0; i < nr; i++) {
		if (found[i].tid != thread->tid || found[i].start_ticks != thread->start_ticks)
			continue;
		*thread = found[i];
		return true;
	}
	return false;
}

void unseen_threads_refresh(struct unseen_threads *unseen, struct seen_threads *seen)
{
	struct unseen_thread found[MAX_PER_PROCESS];
	pid_t read = 0; /* whose threads `found` has: a process's are neighbours */
	size_t kept = 0;
	int nr = 0;

	seen_sort(seen);
	for (size_t i = 0; i < unseen->nr; i++) {
		struct unseen_thread thread = unseen->threads[i];

		if (thread.pid != read)
			nr = find_in_process(thread.pid, seen, found);
		read = thread.pid;
		if (refresh_one(&thread, found, nr))
			unseen->threads[kept++] = thread;
	}
	unseen->nr = kept;
}

static enum cause cause_of(const struct unseen_thread *thread)
{
	if (thread->stopped)
		return CAUSE_OTHER;
	if (thread->running)
		return CAUSE_CPU;
	if (thread->syscall_nr == SYS_futex)
		return CAUSE_LOCK;
	return thread->syscall_nr < 0 ? CAUSE_PAGE_FAULT : CAUSE_SYSCALL;
}

void unseen_thread_report(const struct unseen_thread *thread, __u64 attached_ns, __u64 now_ns,
			  struct loop_report *ret_report)
{
	*ret_report = (struct loop_report){
		.id =
			{
				.pid = thread->pid,
				.tid = thread->tid,
				.start_ns = proc_ns_of_ticks(thread->start_ticks),
			},
		.family = WAIT_EPOLL,
		.state = REPORT_UNSEEN,
		.where = cause_of(thread),
		.where_syscall = -1,
		.current_busy_ns = now_ns - attached_ns,
		.utilization = NAN,
		.busy = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN},
		.poll = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN},
		.wake = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN},
		.batch = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN},
		.lag = {.p50 = NAN, .p95 = NAN, .p99 = NAN, .max = NAN},
	};
	if (ret_report->where == CAUSE_SYSCALL || ret_report->where == CAUSE_LOCK)
		ret_report->where_syscall = thread->syscall_nr;
	memcpy(ret_report->thread, thread->thread, sizeof(ret_report->thread));
	memcpy(ret_report->process, thread->process, sizeof(ret_report->process));
}
