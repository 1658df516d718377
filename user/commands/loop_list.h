/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Watching once, for a while: the loops of that window, kept and put in order. */
#ifndef LOOPSCOPE_LOOP_LIST_H
#define LOOPSCOPE_LOOP_LIST_H

#include <stddef.h>

#include "base/cleanup.h"
#include "commands/session.h"
#include "identity/identity.h"

struct listed_loop {
	struct loop_entry entry; /* points into this and to static names */
	struct loop_report report;
	char cgroup[IDENTITY_CGROUP_LEN];
	struct entry_container container;
};

struct loop_list {
	struct listed_loop **loops;
	size_t nr, capacity;
};

void loop_list_done(struct loop_list *list);

/*
 * Watches for so long, or until interrupted, or until the last target has
 * ended; the list is filled with what was seen. A failure is reported.
 */
int loop_list_watch(struct loop_list *list, const struct watch_options *options, double seconds,
		    struct summary *ret_summary);

/* The longest p99 of lag first, or age of what is stuck. */
void loop_list_sort_by_lag(struct loop_list *list);
void loop_list_sort_by_pid(struct loop_list *list);

/* On stderr: why there is no loop in the list, if there is none. */
void loop_list_explain_empty(const struct loop_list *list, const struct watch_options *options,
			     const struct summary *summary);

#endif
