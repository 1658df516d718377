/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stalls of a session: what the kernel side tells of them goes to the room of symbols, and comes
 * out of it, in order and with names, into the feed. Where that room cannot be had, stalls are told
 * without stacks.
 */
#ifndef LOOPSCOPE_SESSION_STALLS_H
#define LOOPSCOPE_SESSION_STALLS_H

#include "commands/session_events.h"
#include "commands/session_feed.h"
#include "observe/observer.h"
#include "symbols/symbols.h"

struct session_stalls;

/* What is wrong with the room of symbols is said. The feed and the events must outlive it. */
int session_stalls_new(struct session_feed *feed, struct session_events *events,
		       struct session_stalls **ret_stalls);
void session_stalls_free(struct session_stalls *stalls);
DEFINE_CLEANUP(struct session_stalls *, session_stalls_free)

/* From then on it looks for stalls, until it is freed: before the observer. */
int session_stalls_start(struct session_stalls *stalls, struct observer *observer);

/* Takes a record of any kind; the context is this. Failures are the feed's. */
void session_stalls_record(const void *record, size_t size, void *context);

/* What SESSION_EVENTS_WATCH and SESSION_EVENTS_SYMBOLS ask for. */
int session_stalls_watch(struct session_stalls *stalls);
int session_stalls_read(struct session_stalls *stalls);

/* Looks for stalls once more, and waits, not for long, for the names of all stacks. */
int session_stalls_settle(struct session_stalls *stalls);

/* Threads not seen to wait, one after the other, and then that these are all. */
int session_stalls_unseen(struct session_stalls *stalls, const struct loop_id *id);
void session_stalls_unseen_done(struct session_stalls *stalls);

void session_stalls_stats(const struct session_stalls *stalls, struct symbols_stats *ret_stats);

#endif
