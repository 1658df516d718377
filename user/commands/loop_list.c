/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One window's reports, copied and sorted. */
#include "commands/loop_list.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

void loop_list_done(struct loop_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->loops[i]);
	free(list->loops);
	history_free(list->history);
}

static void note_left_out(struct loop_list *list, const struct loop_entry *entry)
{
	__u32 pid = entry->report->id.pid;

	for (size_t i = 0; i < list->nr_left_out; i++) {
		if (list->left_out[i].pid == pid)
			return;
	}
	if (list->nr_left_out < LEFT_OUT_MAX)
		list->left_out[list->nr_left_out++] = (struct left_out){pid, entry->no_loop};
}

static int add_loop(const struct loop_entry *entry, void *context)
{
	struct loop_list *list = context;
	struct listed_loop *loop;

	if (entry->no_loop && !list->with_no_loops) {
		note_left_out(list, entry);
		return 0;
	}
	if (list->nr == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 16;
		struct listed_loop **loops = reallocarray(list->loops, capacity, sizeof(*loops));

		if (!loops)
			return -ENOMEM;
		list->loops = loops;
		list->capacity = capacity;
	}
	loop = malloc(sizeof(*loop));
	if (!loop)
		return -ENOMEM;
	loop->report = *entry->report;
	loop->entry = *entry;
	loop->entry.report = &loop->report;
	list->loops[list->nr++] = loop;
	return 0;
}

int loop_list_collect(struct loop_list *list, struct history *history)
{
	return history_visit(history, add_loop, list);
}

static int watch(struct session *session, double seconds)
{
	enum session_event event = SESSION_RESIZED;
	int r = session_set_timer(session, seconds, 0);

	while (!r && event == SESSION_RESIZED)
		r = session_wait(session, &event);
	if (!r && event == SESSION_TARGETS_GONE)
		log_progress("the last process to watch has ended");
	return r ?: session_walk(session);
}

int loop_list_watch(struct loop_list *list, const struct watch_options *options, double seconds,
		    struct summary *ret_summary)
{
	_cleanup_(session_freep) struct session *session = NULL;
	char error[SESSION_ERROR_LEN];
	int r = session_start(options, NULL, &session, error);

	if (r) {
		log_error("%s", error);
		return r;
	}
	log_progress("watching for %g s; Ctrl-C ends it sooner", seconds);
	r = watch(session, seconds) ?: loop_list_collect(list, session_history(session));
	if (r) {
		log_error("watching failed: %s", strerror(-r));
		return r;
	}
	list->history = session_take_history(session);
	*ret_summary = *history_summary(list->history);
	ret_summary->loops = list->nr;
	loop_list_tell_stale(ret_summary);
	return 0;
}

void loop_list_tell_stale(const struct summary *summary)
{
	if (summary->labels_stale)
		log_warning("labels of pods are as they were when `loopscope pods`, which tells "
			    "of them, ended");
}

static int compare_by_pid(const void *a, const void *b)
{
	const struct loop_id *left = &(*(struct listed_loop *const *)a)->report.id;
	const struct loop_id *right = &(*(struct listed_loop *const *)b)->report.id;

	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	if (left->tid != right->tid)
		return left->tid < right->tid ? -1 : 1;
	if (left->start_ns != right->start_ns)
		return left->start_ns < right->start_ns ? -1 : 1;
	if (left->exec_id != right->exec_id)
		return left->exec_id < right->exec_id ? -1 : 1;
	return (left->changes > right->changes) - (left->changes < right->changes);
}

static double badness(const struct loop_report *report)
{
	if (report->state == REPORT_UNSEEN)
		return report->current_busy_ns;
	return isnan(report->lag.p99) ? -1 : report->lag.p99;
}

static int compare_by_lag(const void *a, const void *b)
{
	double left = badness(&(*(struct listed_loop *const *)a)->report);
	double right = badness(&(*(struct listed_loop *const *)b)->report);

	if (left != right)
		return left > right ? -1 : 1;
	return compare_by_pid(a, b);
}

void loop_list_sort_by_lag(struct loop_list *list)
{
	if (list->nr)
		qsort(list->loops, list->nr, sizeof(*list->loops), compare_by_lag);
}

void loop_list_sort_by_pid(struct loop_list *list)
{
	if (list->nr)
		qsort(list->loops, list->nr, sizeof(*list->loops), compare_by_pid);
}
