/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A session of watching: the rooms wired together, and the one loop in which
 * a command waits for what happens next. From session_start on, SIGINT,
 * SIGTERM, SIGHUP and SIGWINCH are blocked, and arrive as events.
 */
#ifndef LOOPSCOPE_SESSION_H
#define LOOPSCOPE_SESSION_H

#include "base/cleanup.h"
#include "config/watch_options.h"
#include "model/stalls.h"
#include "recording/item.h"

#define SESSION_ERROR_LEN 1280

struct session;
struct history;
struct symbols_stats;

enum session_event {
	SESSION_TICK,         /* the timer */
	SESSION_INPUT,        /* the descriptor given to session_watch_input is readable */
	SESSION_RESIZED,      /* the terminal has another size */
	SESSION_INTERRUPTED,  /* asked to end */
	SESSION_TARGETS_GONE, /* only processes were named; all have ended, and their children */
};

/*
 * Is handed every item, after the session itself has taken it, and told of stalls. Each may be
 * NULL. -errno ends the watching.
 */
struct session_listener {
	int (*take)(enum item_kind kind, const void *data, size_t size, void *context);
	/* Of watch_options.stalls: an entry without a report; none of what was not asked for. */
	int (*stall)(enum stall_event event, const struct loop_entry *entry, void *context);
	void *context;
};

/*
 * Attaches to the targets, learns what loops there are, and opens the first
 * window. `options` and the listener, NULL if there is none, must outlive the session.
 * Negative errno; `error` then says what to do about it.
 */
int session_start(const struct watch_options *options, const struct session_listener *listener,
		  struct session **ret_session, char error[SESSION_ERROR_LEN]);
void session_free(struct session *session);
DEFINE_CLEANUP(struct session *, session_free)

/* When SESSION_TICK comes: first, and from then on; an interval of 0 is never again. */
int session_set_timer(struct session *session, double first_s, double interval_s);
int session_watch_input(struct session *session, int fd);

/* Takes records as they come until there is an event. */
int session_wait(struct session *session, enum session_event *ret_event);

/* Brings every loop up to this moment. */
int session_walk(struct session *session);

/*
 * Every loop in the window, and every unseen one, as the last walk left them. The entry is valid
 * during the call only; a non-zero return ends the visit and is returned.
 */
typedef int (*session_visit_fn)(const struct loop_entry *entry, void *context);
int session_visit(struct session *session, session_visit_fn callback, void *context);

/* The next window begins where session_walk last was. */
int session_next_window(struct session *session);

/*
 * Takes what the kernel side has told by now, how long the stalls that go on have lasted among it,
 * and waits for names that are looked for.
 */
int session_settle(struct session *session);

/* That, and tells the listener that nothing more will come. */
int session_end(struct session *session);

/* Of the names of stacks: all 0 where none are looked for. */
void session_symbols_stats(const struct session *session, struct symbols_stats *ret_stats);

/* All that has been seen so far. */
struct history *session_history(const struct session *session);

/* Hands it over, for when the session is gone: it can only be freed after that. */
struct history *session_take_history(struct session *session);

#endif
