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
#include "base/log.h"
#include "commands/session_events.h"
#include "commands/session_feed.h"
#include "commands/session_stalls.h"
#include "commands/session_targets.h"
#include "commands/target_processes.h"
#include "commands/unseen_threads.h"
#include "model/model.h"
#include "observe/observer.h"

#define MAX_LOOPS_AT_ONCE 16384
#define MAX_STALLS_AT_ONCE 1024
#define MAX_STACKS 32 /* of a stall: some eight of each time that its age grows to threefold */
#define RING_BYTES (1024 * 1024)           /* a thousand loops may end at once, before it is read */
#define STALLS_RING_BYTES (8 * RING_BYTES) /* stacks of many loops come at once, of all CPUs */

_Static_assert(SESSION_ERROR_LEN >= OBSERVER_ERROR_LEN, "errors of the observer are handed on");
_Static_assert(SUMMARY_MAX_HOOKS >= OBSERVER_MAX_HOOKS, "all hooks are shown");

struct session {
	const struct watch_options *options;
	const struct session_listener *listener;
	struct session_events *events;
	struct observer *observer;
	struct session_feed *feed;
	struct session_stalls *stalls; /* NULL: they are not asked for */
	struct unseen_threads unseen;
};

/* At the end, when there is no screen. */
static void tell_unanswered(const struct session *session)
{
	__u64 nr = session->feed ? session_feed_unanswered(session->feed) : 0;

	if (nr)
		log_warning("%llu of the processes seen are without a runtime here: what their "
			    "programs lie on did not answer in time",
			    nr);
}

void session_free(struct session *session)
{
	if (!session)
		return;
	tell_unanswered(session);
	session_stalls_free(session->stalls); /* children of both end while signals wait */
	session_feed_free(session->feed);
	observer_free(session->observer);
	session_events_free(session->events);
	unseen_threads_done(&session->unseen);
	free(session);
}

/* Whom the observer tells. */
static observer_record_fn taker(const struct session *session)
{
	return session->stalls ? session_stalls_record : session_feed_record;
}

static void *taker_context(const struct session *session)
{
	return session->stalls ? (void *)session->stalls : session->feed;
}

static int keep_seen(const struct loop_report *report, void *context)
{
	return seen_threads_add(context, report->id.pid, report->id.tid);
}

/* Tells the feed of all that are unseen now. */
static int tell_unseen(struct session *session)
{
	__u64 attached_ns = observer_started_ns(session->observer);
	int r = 0;

	for (size_t i = 0; !r && i < session->unseen.nr; i++) {
		struct loop_report report;

		unseen_thread_report(&session->unseen.threads[i], attached_ns, clock_monotonic_ns(),
				     &report);
		session_feed_unseen(session->feed, &report);
		r = session->stalls ? session_stalls_unseen(session->stalls, &report.id) : 0;
	}
	if (session->stalls)
		session_stalls_unseen_done(session->stalls);
	return r ?: session_feed_unseen_done(session->feed);
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
		.stalls_held = counters[COUNTER_STALLS_HELD],
		.stacks_held = counters[COUNTER_STACKS_HELD],
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
			?: observer_walk(session->observer, taker(session), taker_context(session))
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

static int read_records(struct session *session)
{
	int r = observer_read(session->observer, taker(session), taker_context(session));

	return r < 0 ? r : session_feed_error(session->feed);
}

int session_settle(struct session *session)
{
	int r = read_records(session);

	return session->stalls && !r ? session_stalls_settle(session->stalls) : r;
}

int session_end(struct session *session)
{
	return session_settle(session) ?: session_feed_mark(session->feed, ITEM_END);
}

struct history *session_history(const struct session *session)
{
	return session_feed_history(session->feed);
}

struct history *session_take_history(struct session *session)
{
	return session_feed_take_history(session->feed);
}

void session_symbols_stats(const struct session *session, struct symbols_stats *ret_stats)
{
	*ret_stats = (struct symbols_stats){};
	if (session->stalls)
		session_stalls_stats(session->stalls, ret_stats);
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

static int take_source(struct session *session, int source)
{
	int r;

	switch (source) {
	case SESSION_EVENTS_PODS:
		r = session_feed_update_names(session->feed);
		break;
	case SESSION_EVENTS_WATCH:
		r = session_stalls_watch(session->stalls);
		break;
	case SESSION_EVENTS_SYMBOLS:
		r = session_stalls_read(session->stalls);
		break;
	default:
		return read_records(session);
	}
	return r < 0 ? r : session_feed_error(session->feed);
}

int session_wait(struct session *session, enum session_event *ret_event)
{
	for (;;) {
		int r = session_events_wait(session->events, ret_event);

		if (!r && *ret_event == SESSION_TARGETS_GONE && await_child(session))
			continue;
		if (r > 0)
			r = take_source(session, r) ?: 1;
		if (r <= 0)
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
		.ring_bytes = options->stalls ? STALLS_RING_BYTES : RING_BYTES,
		.stalls = options->stalls,
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

static int tell_stall(enum stall_event event, const struct stall *stall, void *context)
{
	const struct session *session = context;
	const struct session_listener *listener = session->listener;
	struct loop_entry entry;

	if (!listener || !listener->stall ||
	    !history_describe(session_feed_history(session->feed), stall, &entry))
		return 0;
	return listener->stall(event, &entry, listener->context);
}

/* Before anything is watched: nothing of it is missed. */
static int prepare_stalls(struct session *session)
{
	const struct stalls_options options = {
		.max_open = MAX_STALLS_AT_ONCE,
		.max_stacks = MAX_STACKS,
		.blocking_ns = session->options->scope.blocking_ns,
		.event = tell_stall,
		.context = session,
	};

	if (!session->options->stalls)
		return 0;
	return history_follow_stalls(session_feed_history(session->feed), &options)
		       ?: session_stalls_new(session->feed, session->events, &session->stalls);
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

static int start_stalls(struct session *session)
{
	return session->stalls ? session_stalls_start(session->stalls, session->observer) : 0;
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
	session->listener = listener;
	r = session_events_new(options, &session->events, error)
		    ?: session_feed_new(&options->pods, listener, &session->feed, error)
			       ?: prepare_stalls(session)
				       ?: start_observer(session, error);
	if (r)
		return r;
	r = watch_sources(session) ?: start_stalls(session) ?: take_stock(session);
	if (r) {
		snprintf(error, SESSION_ERROR_LEN, "reading the first window: %s", strerror(-r));
		return r;
	}
	*ret_session = TAKE_PTR(session);
	return 0;
}
