/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Observer, feed and events, joined: what the observer tells goes into the feed as it comes, and
 * reports come out of its history. Events are in session_events.c.
 */
#include "commands/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "commands/session_events.h"
#include "commands/session_feed.h"
#include "commands/session_targets.h"
#include "commands/target_processes.h"
#include "commands/unseen_threads.h"
#include "model/model.h"
#include "observe/observer.h"

#define MAX_LOOPS_AT_ONCE 16384
#define RING_BYTES (1024 * 1024) /* a thousand loops may end at once, before it is read */

_Static_assert(SESSION_ERROR_LEN >= OBSERVER_ERROR_LEN, "errors of the observer are handed on");
_Static_assert(SUMMARY_MAX_HOOKS >= OBSERVER_MAX_HOOKS, "all hooks are shown");

struct session {
	const struct watch_options *options;
	struct session_events *events;
	struct observer *observer;
	struct session_feed *feed;
	struct unseen_threads unseen;
};

void session_free(struct session *session)
{
	if (!session)
		return;
	session_feed_free(session->feed); /* a child of it ends while signals wait */
	observer_free(session->observer);
	session_events_free(session->events);
	unseen_threads_done(&session->unseen);
	free(session);
}

static int keep_seen(const struct loop_report *report, void *context)
{
	return seen_threads_add(context, report->id.pid, report->id.tid);
}

/* Tells the feed of all that are unseen now. */
static int tell_unseen(struct session *session)
{
	__u64 attached_ns = observer_started_ns(session->observer);

	for (size_t i = 0; i < session->unseen.nr; i++) {
		struct loop_report report;

		unseen_thread_report(&session->unseen.threads[i], attached_ns, clock_monotonic_ns(),
				     &report);
		session_feed_unseen(session->feed, &report);
	}
	return session_feed_unseen_done(session->feed);
}

static int refresh_unseen(struct session *session)
{
	struct seen_threads seen = {};
	int r = 0;

	if (session->unseen.nr) {
		r = history_visit_reports(session_feed_history(session->feed), keep_seen, &seen);
		unseen_threads_refresh(&session->unseen, &seen);
	}
	seen_threads_done(&seen);
	return r ?: tell_unseen(session);
}

static struct summary summary_now(const struct session *session)
{
	const struct model_stats *stats = history_stats(session_feed_history(session->feed));
	struct observer_hook hooks[OBSERVER_MAX_HOOKS];
	uint64_t counters[NR_COUNTERS], recursion_misses;
	struct summary summary;

	observer_counters(session->observer, counters, &recursion_misses);
	summary = (struct summary){
		.records_lost = counters[COUNTER_RECORDS_LOST] + stats->records_bad +
				stats->records_unknown,
		.loops_lost = counters[COUNTER_LOOPS_LOST] + stats->loops_dropped,
		.torn = counters[COUNTER_TORN],
		.misses = counters[COUNTER_MISSED_WAKING] + counters[COUNTER_MISSED_SWITCH] +
			  counters[COUNTER_MISSED_EDGE] + recursion_misses,
		.compat_skipped = counters[COUNTER_COMPAT_SKIPPED],
		.labels_stale = session_feed_labels_stale(session->feed),
		.nr_hooks = observer_hooks(session->observer, hooks),
	};
	for (unsigned int i = 0; i < summary.nr_hooks; i++)
		summary.hooks[i] = (struct summary_hook){hooks[i].point, hooks[i].program};
	return summary;
}

int session_walk(struct session *session)
{
	struct session_feed *feed = session->feed;
	struct summary summary;
	int r = session_feed_update_names(feed)
			?: observer_walk(session->observer, session_feed_record, feed)
				   ?: refresh_unseen(session);

	if (r)
		return r;
	summary = summary_now(session);
	return session_feed_summary(feed, &summary) ?: session_feed_mark(feed, ITEM_WALK);
}

int session_visit(struct session *session, session_visit_fn callback, void *context)
{
	return history_visit(session_feed_history(session->feed), callback, context);
}

int session_next_window(struct session *session)
{
	return session_feed_mark(session->feed, ITEM_WINDOW);
}

int session_end(struct session *session)
{
	return session_feed_mark(session->feed, ITEM_END);
}

struct history *session_history(const struct session *session)
{
	return session_feed_history(session->feed);
}

struct history *session_take_history(struct session *session)
{
	return session_feed_take_history(session->feed);
}

int session_set_timer(struct session *session, double first_s, double interval_s)
{
	return session_events_set_timer(session->events, first_s, interval_s);
}

int session_watch_input(struct session *session, int fd)
{
	return session_events_watch_input(session->events, fd);
}

/* Whether a child of those that were named lives on: it is waited for in their place. */
static bool await_child(struct session *session)
{
	int pidfd = session_targets_open_any(session->observer);

	return pidfd >= 0 && !session_events_watch_target(session->events, pidfd);
}

int session_wait(struct session *session, enum session_event *ret_event)
{
	for (;;) {
		int r = session_events_wait(session->events, ret_event);

		if (!r && *ret_event == SESSION_TARGETS_GONE && await_child(session))
			continue;
		if (r <= 0)
			return r;
		if (r == SESSION_EVENTS_PODS)
			r = session_feed_update_names(session->feed);
		else
			r = observer_read(session->observer, session_feed_record, session->feed);
		if (r >= 0)
			r = session_feed_error(session->feed);
		if (r < 0)
			return r;
	}
}

static int start_observer(struct session *session, char *error)
{
	const struct watch_options *options = session->options;
	_cleanup_(pid_list_done) struct pid_list pids = {};
	struct observer_options observer_options = {
		.scope = options->scope,
		.edges = options->edges,
		.max_loops = MAX_LOOPS_AT_ONCE,
		.ring_bytes = RING_BYTES,
	};
	int r = target_pids(options, &pids);

	if (r) {
		snprintf(error, SESSION_ERROR_LEN, "reading /proc: %s", strerror(-r));
		return r;
	}
	observer_options.pids = pids.pids;
	observer_options.nr_pids = pids.nr;
	r = observer_new(&observer_options, &session->observer, error);
	if (!r)
		r = observer_start(session->observer, error);
	if (r)
		return r;
	r = session_targets_settle(session->observer, options, &pids);
	if (r)
		snprintf(error, SESSION_ERROR_LEN, "following child processes: %s",
			 r == -E2BIG ? "there are too many" : strerror(-r));
	return r;
}

/* Loops that are there now open their window; targets that are not loops yet may be stuck. */
static int take_stock(struct session *session)
{
	struct seen_threads seen = {};
	int r = session_walk(session);

	if (!r)
		r = history_visit_reports(session_feed_history(session->feed), keep_seen, &seen);
	if (!r)
		r = unseen_threads_find(&session->unseen, session->options, &seen);
	seen_threads_done(&seen);
	return r ?: tell_unseen(session) ?: session_next_window(session);
}

static int watch_sources(struct session *session)
{
	struct session_events *events = session->events;

	return session_events_watch_records(events, observer_fd(session->observer))
		       ?: session_events_watch_pods(events, session_feed_names_fd(session->feed));
}

int session_start(const struct watch_options *options, const struct session_listener *listener,
		  struct session **ret_session, char error[SESSION_ERROR_LEN])
{
	_cleanup_(session_freep) struct session *session = calloc(1, sizeof(*session));
	int r;

	snprintf(error, SESSION_ERROR_LEN, "out of memory");
	if (!session)
		return -ENOMEM;
	session->options = options;
	r = session_events_new(options, &session->events, error)
		    ?: session_feed_new(&options->pods, listener, &session->feed, error)
			       ?: start_observer(session, error);
	if (r)
		return r;
	r = watch_sources(session) ?: take_stock(session);
	if (r) {
		snprintf(error, SESSION_ERROR_LEN, "reading the first window: %s", strerror(-r));
		return r;
	}
	*ret_session = TAKE_PTR(session);
	return 0;
}
