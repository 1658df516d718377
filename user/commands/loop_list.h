/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Watching once, for a while: the loops of that window, kept and put in order. */
#ifndef LOOPSCOPE_LOOP_LIST_H
#define LOOPSCOPE_LOOP_LIST_H

#include <stddef.h>

#include "base/cleanup.h"
#include "commands/history.h"
#include "commands/session.h"

struct listed_loop {
	struct loop_entry entry; /* points into this and into the history */
	struct loop_report report;
};

#define LEFT_OUT_MAX 16

/* A process with threads that wait for events and are no loops. */
struct left_out {
	__u32 pid;
	const char *reason; /* static */
};

struct loop_list {
	struct listed_loop **loops;
	size_t nr, capacity;
	bool with_no_loops; /* set before: threads that wait for events, but are no loops, too */
	struct left_out left_out[LEFT_OUT_MAX];
	size_t nr_left_out;      /* processes, or LEFT_OUT_MAX if there are more */
	struct history *history; /* owned, where the list is of one that was watched */
};

void loop_list_done(struct loop_list *list);

/* Fills the list with what is in the window of a history that will not change any more. */
int loop_list_collect(struct loop_list *list, struct history *history);

/*
 * Watches for so long, or until interrupted, or until the last target has
 * ended; the list is filled with what was seen, and the summary points
 * into it. A failure is reported.
 */
int loop_list_watch(struct loop_list *list, const struct watch_options *options, double seconds,
		    struct summary *ret_summary);

/* The longest p99 of lag first, or age of what is stuck. */
void loop_list_sort_by_lag(struct loop_list *list);
void loop_list_sort_by_pid(struct loop_list *list);

/* On stderr: that labels are, if they are. */
void loop_list_tell_stale(const struct summary *summary);

/* On stderr: why there is no loop in the list, if there is none; and why there is none of a process
 * that was named. */
void loop_list_explain_empty(const struct loop_list *list, const struct watch_options *options,
			     const struct summary *summary);

#endif
