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
#include "view/snapshot.h"

#define SESSION_ERROR_LEN 1280

struct session;

enum session_event {
	SESSION_TICK,         /* the timer */
	SESSION_INPUT,        /* the descriptor given to session_watch_input is readable */
	SESSION_RESIZED,      /* the terminal has another size */
	SESSION_INTERRUPTED,  /* asked to end */
	SESSION_TARGETS_GONE, /* only processes were named; all have ended, and their children */
};

/*
 * Attaches to the targets, learns what loops there are, and opens the first
 * window. `options` must outlive the session. Negative errno; `error` then says
 * what to do about it.
 */
int session_start(const struct watch_options *options, struct session **ret_session,
		  char error[SESSION_ERROR_LEN]);
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
 * Every loop in the window, and every unseen one. The entry is valid during the
 * call only; a non-zero return ends the visit and is returned.
 */
typedef int (*session_visit_fn)(const struct loop_entry *entry, void *context);
int session_visit(struct session *session, session_visit_fn callback, void *context);

/* The next window begins where session_walk last was. */
void session_next_window(struct session *session);

/* Everything but `loops`, which is the caller's to count. */
void session_summary(const struct session *session, struct summary *ret_summary);

#endif
