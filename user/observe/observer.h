/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel side, from user space: choose hooks, load, attach, read records.
 * The only room that knows libbpf.
 *
 * Life cycle: observer_new, observer_start, then observer_walk once a window
 * and observer_read when observer_fd is readable, observer_free. Nothing stays
 * in the kernel after observer_free, or after the process ends in any way.
 */
#ifndef LOOPSCOPE_OBSERVER_H
#define LOOPSCOPE_OBSERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "counters.h"
#include "python_frames.h"
#include "record.h"
#include "scope_config.h"
#include "stall.h"

#define OBSERVER_MAX_HOOKS 8
#define OBSERVER_ERROR_LEN 256

struct observer;

struct observer_options {
	struct scope_config scope; /* globs, cgroups, threshold, ...; but place_subsys */
	const pid_t *pids;         /* in the caller's pid namespace; copied */
	size_t nr_pids;
	const char *edges; /* force "fentry", "tp_btf" or "tracepoint"; NULL: the best that loads */
	size_t ring_bytes; /* a power of two; 0: the default */
	unsigned int max_loops; /* 0: the default */
	bool usage;             /* observer_usage will be called */
	bool stalls;            /* records of stalls come; observer_watch will be called */
};

/* What serves a vantage point, and why that and not a better one. */
struct observer_hook {
	const char *point; /* "wait_edges", "off_cpu", "life", "windows", ... */
	const char
		*program; /* "fentry", "tp_btf", "tracepoint", "iter", or NULL if nothing loads */
	char reason[OBSERVER_ERROR_LEN];
};

typedef void (*observer_record_fn)(const void *record, size_t size, void *context);

/* Negative errno; `error` (OBSERVER_ERROR_LEN bytes) then says what to do about it. */
int observer_new(const struct observer_options *options, struct observer **ret_observer,
		 char *error);
int observer_start(struct observer *observer, char *error);
void observer_free(struct observer *observer);

/*
 * What to do with a loop, if observer_options.scope.policies is set: from the next walk on.
 * -E2BIG when the table is full. A loop that is excluded sends no more records; its thread is
 * looked at anew after exec, under another name, or after observer_reconsider.
 */
int observer_set_policy(struct observer *observer, const struct loop_id *id,
			const struct loop_policy *policy);
void observer_forget_policy(struct observer *observer, const struct loop_id *id);
int observer_reconsider(struct observer *observer);

/*
 * What each of the processes has used, told by one walk over all threads. usages[i] is of
 * pids[i]; its start_ns is 0 if there is none of that pid.
 */
int observer_usage(struct observer *observer, const pid_t *pids, struct process_usage *usages,
		   size_t nr);

/* One BPF program, attached or not. Both are 0 where the kernel does not count them. */
struct observer_program {
	const char *name; /* the observer's */
	uint64_t run_count;
	uint64_t run_time_ns;
	uint64_t recursion_misses;
};

/* Fills in as many as there is room for, and returns how many there are. */
size_t observer_programs(const struct observer *observer, struct observer_program *programs,
			 size_t max_programs);

/*
 * Looks for stalls of threads that do not run: those that do are met by a timer on each CPU. To be
 * called every observer_watch_interval_ns, which grows with what a call costs.
 */
int observer_watch(struct observer *observer, observer_record_fn callback, void *context);

/* The same, once nobody will look again: it tells the age of each stall that goes on. */
int observer_watch_last(struct observer *observer, observer_record_fn callback, void *context);
uint64_t observer_watch_interval_ns(const struct observer *observer);

/*
 * Whether there are those timers, without which stalls on CPU have no stacks: 0, or why not,
 * -errno. After observer_start.
 */
int observer_ticks(const struct observer *observer);

/* A process whose CPython frames are to be read until it ends, or runs another program. -E2BIG when
 * the table is full; -ESRCH: it has ended. */
int observer_set_python(struct observer *observer, pid_t pid, const struct python_runtime *runtime);

/*
 * A thread that is no loop yet, whose stacks are wanted until it is one or observer_forget_unseen:
 * they come in the same way. -E2BIG when the table is full; -EEXIST: they are, of that number.
 */
int observer_watch_unseen(struct observer *observer, const struct loop_id *id,
			  uint64_t process_start_ns);
void observer_forget_unseen(struct observer *observer, const struct loop_id *id);

/* Adds a process while watching. -E2BIG when the table is full. */
int observer_add_pid(struct observer *observer, pid_t pid);
void observer_remove_pid(struct observer *observer, pid_t pid);

/* One of the processes asked for, or forked by those, that have not been seen to end; 0: none. */
pid_t observer_some_pid(const struct observer *observer);

/* Has the kernel send every loop's window, and hands each record to the callback. */
int observer_walk(struct observer *observer, observer_record_fn callback, void *context);

/* Hands over what is in the ring now (exits between windows). Returns how many, or -errno. */
int observer_read(struct observer *observer, observer_record_fn callback, void *context);

int observer_fd(const struct observer *observer); /* readable when records wait; do not close */

/* Totals since start; recursion misses of all programs in *ret_recursion_misses. */
void observer_counters(const struct observer *observer, uint64_t counters[NR_COUNTERS],
		       uint64_t *ret_recursion_misses);

/* The number of hooks filled in; works before observer_start and without it. */
size_t observer_hooks(const struct observer *observer,
		      struct observer_hook hooks[OBSERVER_MAX_HOOKS]);

uint64_t observer_started_ns(const struct observer *observer); /* CLOCK_MONOTONIC of attach */

#endif
