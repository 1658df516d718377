/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Observer, model and identity, joined: records go into the model as they
 * come, and reports out of it with a name. Events are in session_events.c.
 */
#include "commands/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "commands/container_names.h"
#include "commands/session_events.h"
#include "commands/session_targets.h"
#include "commands/target_processes.h"
#include "commands/unseen_threads.h"
#include "identity/identity.h"
#include "model/model.h"
#include "observe/observer.h"

#define MAX_LOOPS 16384

_Static_assert(SESSION_ERROR_LEN >= OBSERVER_ERROR_LEN, "errors of the observer are handed on");
_Static_assert(SESSION_ERROR_LEN >= CONTAINER_NAMES_ERROR_LEN, "so are those of names");
_Static_assert(SUMMARY_MAX_HOOKS >= OBSERVER_MAX_HOOKS, "all hooks are shown");

struct session {
	const struct watch_options *options;
	struct session_events *events;
	struct observer *observer;
	struct model *model;
	struct identity_cache *identities;
	struct container_names *names;
	struct unseen_threads unseen;
};

DEFINE_CLEANUP(struct model *, model_free)

void session_free(struct session *session)
{
	if (!session)
		return;
	container_names_free(session->names); /* its child ends while signals wait */
	observer_free(session->observer);
	session_events_free(session->events);
	model_free(session->model);
	identity_cache_free(session->identities);
	unseen_threads_done(&session->unseen);
	free(session);
}

/* What the model does not take it counts. */
static void take_record(const void *record, size_t size, void *context)
{
	struct session *session = context;

	model_apply(session->model, record, size);
}

static struct loop_entry entry_of(struct session *session, const struct loop_report *report)
{
	const struct process_identity *identity = identity_of(
		session->identities, report->id.pid, report->process_start_ns, report->id.exec_id);

	return (struct loop_entry){report, identity->runtime, identity->cgroup,
				   container_names_of(session->names, identity->cgroup), NULL};
}

struct visit {
	struct session *session;
	session_visit_fn callback;
	void *context;
	struct seen_threads seen;
};

/* Visits the loop, if it is in such a pod as is asked for. */
static int visit_entry(const struct visit *visit, const struct loop_report *report)
{
	struct session *session = visit->session;
	struct loop_entry entry = entry_of(session, report);

	if (!container_names_pass(session->names))
		return 0;
	return visit->callback(&entry, visit->context);
}

static int visit_seen(const struct loop_report *report, void *context)
{
	struct visit *visit = context;
	int r = 0;

	if (visit->session->unseen.nr)
		r = seen_threads_add(&visit->seen, report->id.pid, report->id.tid);
	return r ?: visit_entry(visit, report);
}

static int visit_unseen(struct visit *visit)
{
	struct session *session = visit->session;
	__u64 attached_ns = observer_started_ns(session->observer);

	unseen_threads_refresh(&session->unseen, &visit->seen);
	for (size_t i = 0; i < session->unseen.nr; i++) {
		struct loop_report report;
		int r;

		unseen_thread_report(&session->unseen.threads[i], attached_ns, clock_monotonic_ns(),
				     &report);
		r = visit_entry(visit, &report);
		if (r)
			return r;
	}
	return 0;
}

int session_visit(struct session *session, session_visit_fn callback, void *context)
{
	struct visit visit = {.session = session, .callback = callback, .context = context};
	int r = model_report(session->model, visit_seen, &visit);

	if (!r)
		r = visit_unseen(&visit);
	seen_threads_done(&visit.seen);
	return r;
}

int session_walk(struct session *session)
{
	container_names_update(session->names);
	return observer_walk(session->observer, take_record, session);
}

void session_next_window(struct session *session)
{
	model_open_window(session->model);
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
			container_names_update(session->names);
		else
			r = observer_read(session->observer, take_record, session);
		if (r < 0)
			return r;
	}
}

void session_summary(const struct session *session, struct summary *ret_summary)
{
	const struct model_stats *stats = model_stats(session->model);
	struct observer_hook hooks[OBSERVER_MAX_HOOKS];
	uint64_t counters[NR_COUNTERS], recursion_misses;

	observer_counters(session->observer, counters, &recursion_misses);
	*ret_summary = (struct summary){
		.records_lost = counters[COUNTER_RECORDS_LOST] + stats->records_bad +
				stats->records_unknown,
		.loops_lost = counters[COUNTER_LOOPS_LOST] + stats->loops_dropped,
		.torn = counters[COUNTER_TORN],
		.misses = counters[COUNTER_MISSED_WAKING] + counters[COUNTER_MISSED_SWITCH] +
			  counters[COUNTER_MISSED_EDGE] + recursion_misses,
		.compat_skipped = counters[COUNTER_COMPAT_SKIPPED],
		.labels_stale = container_names_stale(session->names),
		.nr_hooks = observer_hooks(session->observer, hooks),
	};
	for (unsigned int i = 0; i < ret_summary->nr_hooks; i++)
		ret_summary->hooks[i] = (struct summary_hook){hooks[i].point, hooks[i].program};
}

static int start_observer(struct session *session, char *error)
{
	const struct watch_options *options = session->options;
	_cleanup_(pid_list_done) struct pid_list pids = {};
	struct observer_options observer_options = {
		.scope = options->scope,
		.edges = options->edges,
		.max_loops = MAX_LOOPS,
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

static int keep_seen(const struct loop_report *report, void *context)
{
	struct visit *visit = context;

	entry_of(visit->session, report); /* read while the process is there */
	return seen_threads_add(&visit->seen, report->id.pid, report->id.tid);
}

/* Loops that are there now open their window; targets that are not loops yet may be stuck. */
static int take_stock(struct session *session)
{
	struct visit visit = {.session = session};
	int r = session_walk(session);

	if (!r)
		r = model_report(session->model, keep_seen, &visit);
	if (!r)
		r = unseen_threads_find(&session->unseen, session->options, &visit.seen);
	seen_threads_done(&visit.seen);
	session_next_window(session);
	return r;
}

static int new_session(const struct watch_options *options, struct session **ret_session)
{
	const struct model_options model_options = {
		.max_loops = MAX_LOOPS,
	};
	_cleanup_(session_freep) struct session *session = calloc(1, sizeof(*session));
	int r;

	if (!session)
		return -ENOMEM;
	session->options = options;
	r = model_new(&model_options, &session->model)
		    ?: identity_cache_new(MAX_LOOPS, &session->identities);
	if (r)
		return r;
	*ret_session = TAKE_PTR(session);
	return 0;
}

static int watch_sources(struct session *session)
{
	struct session_events *events = session->events;

	return session_events_watch_records(events, observer_fd(session->observer))
		       ?: session_events_watch_pods(events, container_names_fd(session->names));
}

int session_start(const struct watch_options *options, struct session **ret_session,
		  char error[SESSION_ERROR_LEN])
{
	_cleanup_(session_freep) struct session *session = NULL;
	int r = new_session(options, &session);

	snprintf(error, SESSION_ERROR_LEN, "out of memory");
	if (r)
		return r;
	r = session_events_new(options, &session->events, error)
		    ?: container_names_new(&options->pods, &session->names, error)
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
