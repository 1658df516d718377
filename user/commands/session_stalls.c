/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Between observer, symbols and feed. */
#include "commands/session_stalls.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "identity/proc.h"

#define SETTLE_NS 2000000000ULL
#define SETTLE_POLL_MS 50
#define MAX_UNSEEN 256 /* whose stacks are asked for */

struct session_stalls {
	struct session_feed *feed;
	struct session_events *events;
	struct observer *observer; /* NULL until it is started */
	struct symbols *symbols;   /* NULL: there are none */
	struct unseen_stack {
		struct loop_id id;
		bool heard; /* since session_stalls_unseen_done */
	} unseen[MAX_UNSEEN];
	size_t nr_unseen;
};

void session_stalls_free(struct session_stalls *stalls)
{
	if (!stalls)
		return;
	session_feed_on_process(stalls->feed, NULL, NULL);
	symbols_free(stalls->symbols);
	free(stalls);
}

/* As the process table has it, to the tick; 0: it is gone. */
static __u64 process_start_ns(pid_t pid)
{
	_cleanup_(closep) int directory = proc_open(pid);
	struct proc_stat stat;

	if (directory < 0 || proc_stat_read(directory, "stat", &stat))
		return 0;
	return proc_ns_of_ticks(stat.start_ticks);
}

/* Its interpreter is looked for before it stalls; if that fails, its stacks tell less. */
static void submit_process(const struct process_key *key, void *context)
{
	struct session_stalls *stalls = context;
	pid_t pid = (pid_t)key->pid;

	symbols_submit_process(stalls->symbols, pid, key->start_ns ?: process_start_ns(pid));
}

int session_stalls_new(struct session_feed *feed, struct session_events *events,
		       struct session_stalls **ret_stalls)
{
	const struct symbols_options options = {};
	struct session_stalls *stalls = calloc(1, sizeof(*stalls));
	char error[SYMBOLS_ERROR_LEN];

	if (!stalls)
		return -ENOMEM;
	stalls->feed = feed;
	stalls->events = events;
	if (symbols_start(&options, &stalls->symbols, error))
		log_warning("stalls are shown without stacks: %s", error);
	else
		session_feed_on_process(feed, submit_process, stalls);
	*ret_stalls = stalls;
	return 0;
}

void session_stalls_record(const void *record, size_t size, void *context)
{
	struct session_stalls *stalls = context;

	symbols_pass(stalls->symbols, record, size, session_feed_record, stalls->feed);
}

static int take_record(const void *record, size_t size, void *context)
{
	struct session_stalls *stalls = context;

	session_feed_record(record, size, stalls->feed);
	return session_feed_error(stalls->feed);
}

static int take_stack(const void *data, size_t size, void *context)
{
	struct session_stalls *stalls = context;

	return session_feed_stack(stalls->feed, data, size);
}

/* Of one for which there is no room, native frames alone are told. */
static int take_python(pid_t pid, const struct python_runtime *runtime, void *context)
{
	struct session_stalls *stalls = context;

	if (stalls->observer)
		observer_set_python(stalls->observer, pid, runtime);
	return 0;
}

void session_stalls_stats(const struct session_stalls *stalls, struct symbols_stats *ret_stats)
{
	*ret_stats = (struct symbols_stats){};
	if (stalls->symbols)
		symbols_stats(stalls->symbols, ret_stats);
}

int session_stalls_read(struct session_stalls *stalls)
{
	const struct symbols_listener listener = {
		.record = take_record,
		.stack = take_stack,
		.python = take_python,
		.context = stalls,
	};

	if (!stalls->symbols)
		return 0;
	return symbols_read(stalls->symbols, &listener);
}

int session_stalls_watch(struct session_stalls *stalls)
{
	struct history *history = session_feed_history(stalls->feed);
	int r = observer_watch(stalls->observer, session_stalls_record, stalls);

	r = r < 0 ? r : session_stalls_read(stalls);
	r = r < 0 ? r : history_advance(history, clock_monotonic_ns());
	if (r < 0)
		return r;
	return session_events_set_watch(stalls->events,
					observer_watch_interval_ns(stalls->observer));
}

int session_stalls_start(struct session_stalls *stalls, struct observer *observer)
{
	int r = stalls->symbols
			? session_events_watch_symbols(stalls->events, symbols_fd(stalls->symbols))
			: 0;

	stalls->observer = observer;
	if (observer_ticks(observer))
		log_warning("stalls on CPU are shown without stacks: %s",
			    strerror(-observer_ticks(observer)));
	return r ?: session_stalls_watch(stalls);
}

int session_stalls_settle(struct session_stalls *stalls)
{
	__u64 deadline_ns = clock_monotonic_ns() + SETTLE_NS;
	int r = stalls->observer
			? observer_watch_last(stalls->observer, session_stalls_record, stalls)
			: 0;

	while (stalls->symbols && r >= 0 && !symbols_idle(stalls->symbols) &&
	       clock_monotonic_ns() < deadline_ns) {
		struct pollfd fd = {.fd = symbols_fd(stalls->symbols), .events = POLLIN};

		poll(&fd, 1, SETTLE_POLL_MS);
		r = session_stalls_read(stalls);
	}
	return r < 0 ? r : 0;
}

static struct unseen_stack *find_unseen(struct session_stalls *stalls, const struct loop_id *id)
{
	for (size_t i = 0; i < stalls->nr_unseen; i++) {
		if (!memcmp(&stalls->unseen[i].id, id, sizeof(*id)))
			return &stalls->unseen[i];
	}
	return NULL;
}

/* Of more of them than there is room for, stacks are not told. */
int session_stalls_unseen(struct session_stalls *stalls, const struct loop_id *id)
{
	struct unseen_stack *unseen = find_unseen(stalls, id);
	int r;

	if (unseen) {
		unseen->heard = true;
		return 0;
	}
	if (!stalls->symbols || stalls->nr_unseen == MAX_UNSEEN)
		return 0;
	r = observer_watch_unseen(stalls->observer, id, process_start_ns((pid_t)id->pid));
	if (!r)
		stalls->unseen[stalls->nr_unseen++] = (struct unseen_stack){*id, true};
	/* -EEXIST: of another program, which is forgotten soon; then this one is asked for */
	return r == -E2BIG || r == -EEXIST ? 0 : r;
}

void session_stalls_unseen_done(struct session_stalls *stalls)
{
	size_t kept = 0;

	for (size_t i = 0; i < stalls->nr_unseen; i++) {
		struct unseen_stack unseen = stalls->unseen[i];

		if (!unseen.heard) {
			observer_forget_unseen(stalls->observer, &unseen.id);
			continue;
		}
		unseen.heard = false;
		stalls->unseen[kept++] = unseen;
	}
	stalls->nr_unseen = kept;
}
