/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a session waits for: one epoll set of signals, timer, targets, input, and records. */
#ifndef LOOPSCOPE_SESSION_EVENTS_H
#define LOOPSCOPE_SESSION_EVENTS_H

#include "commands/session.h"

struct session_events;

/*
 * Blocks the signals; follows the processes named, which must exist. Negative
 * errno; `error` (SESSION_ERROR_LEN bytes) then says why.
 */
int session_events_new(const struct watch_options *options, struct session_events **ret_events,
		       char *error);
void session_events_free(struct session_events *events); /* restores the signal mask */

int session_events_set_timer(struct session_events *events, double first_s, double interval_s);
int session_events_watch_input(struct session_events *events, int fd);
int session_events_watch_records(struct session_events *events, int fd);
int session_events_watch_pods(struct session_events *events, int fd); /* -1: there are none */

/* When SESSION_EVENTS_WATCH comes next: once. */
int session_events_set_watch(struct session_events *events, __u64 in_ns);

/* When it is readable, SESSION_EVENTS_SYMBOLS comes. Once. */
int session_events_watch_symbols(struct session_events *events, int fd);

/* Another target, by its pidfd, which is taken over: that it has ended is told likewise. */
int session_events_watch_target(struct session_events *events, int pidfd);

#define SESSION_EVENTS_RECORDS 1
#define SESSION_EVENTS_PODS 2
#define SESSION_EVENTS_WATCH 3 /* it is time to look for stalls */
#define SESSION_EVENTS_SYMBOLS 4

/* 0: *ret_event happened; or one of these: there is something to do; or -errno. */
int session_events_wait(struct session_events *events, enum session_event *ret_event);

#endif
