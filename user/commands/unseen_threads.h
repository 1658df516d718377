/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads that own an eventpoll and have not waited since the probes attached:
 * the loop already stuck when someone comes to look. Found once at attach;
 * after that they only become fewer.
 */
#ifndef LOOPSCOPE_UNSEEN_THREADS_H
#define LOOPSCOPE_UNSEEN_THREADS_H

#include <stddef.h>

#include "commands/target_processes.h"
#include "config/watch_options.h"
#include "identity/identity.h"
#include "model/report.h"

/* Threads that have been seen to wait. */
struct seen_threads {
	struct seen_thread {
		pid_t pid, tid;
	} *threads;
	size_t nr, capacity;
};

int seen_threads_add(struct seen_threads *seen, pid_t pid, pid_t tid);

struct unseen_threads {
	struct unseen_thread *threads;
	size_t nr;
};

static inline void seen_threads_done(struct seen_threads *seen)
{
	free(seen->threads);
}

static inline void unseen_threads_done(struct unseen_threads *unseen)
{
	free(unseen->threads);
}

/* Looks through the targets' processes, for those that are in scope. Or -errno. Sorts `seen`. */
int unseen_threads_find(struct unseen_threads *unseen, const struct watch_options *options,
			struct seen_threads *seen);

/* Drops those seen or gone since, and looks where the others are now. Sorts `seen`. */
void unseen_threads_refresh(struct unseen_threads *unseen, struct seen_threads *seen);

/* A report without figures; both instants are of CLOCK_MONOTONIC. */
void unseen_thread_report(const struct unseen_thread *thread, __u64 attached_ns, __u64 now_ns,
			  struct loop_report *ret_report);

#endif
