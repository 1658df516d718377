/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a session hears, turned into items: records as they come, each process as it is first
 * heard of, and again when more is known of its pod. They go to the session's history, and to
 * whoever else listens, a recording.
 */
#ifndef LOOPSCOPE_SESSION_FEED_H
#define LOOPSCOPE_SESSION_FEED_H

#include "commands/history.h"
#include "commands/session.h"

struct session_feed;

/* `filter` and `listener` must outlive it; no listener: NULL. -errno, and `error` says why. */
int session_feed_new(const struct pod_filter *filter, const struct session_listener *listener,
		     struct session_feed **ret_feed, char error[SESSION_ERROR_LEN]);
void session_feed_free(struct session_feed *feed);
DEFINE_CLEANUP(struct session_feed *, session_feed_free)

/* Takes a record; the context is the feed. What goes wrong is kept: see session_feed_error. */
void session_feed_record(const void *record, size_t size, void *context);

/* The bytes of a stack with names. */
int session_feed_stack(struct session_feed *feed, const void *data, size_t size);

/* Whom to tell of each process that is first heard of. */
void session_feed_on_process(struct session_feed *feed,
			     void (*heard)(const struct process_key *key, void *context),
			     void *context);

/* 0, or what the first failure was, of the history or of the listener. */
int session_feed_error(const struct session_feed *feed);

/* Threads not seen to wait, as they are now, one after the other, and then all of them told. */
void session_feed_unseen(struct session_feed *feed, const struct loop_report *report);
int session_feed_unseen_done(struct session_feed *feed);

int session_feed_summary(struct session_feed *feed, const struct summary *summary);

/* ITEM_WALK, ITEM_WINDOW or ITEM_END, as of now. */
int session_feed_mark(struct session_feed *feed, enum item_kind kind);

/* Readable when Kubernetes has told something, which is then to be taken; -1: it is not asked. */
int session_feed_names_fd(const struct session_feed *feed);
int session_feed_update_names(struct session_feed *feed);
bool session_feed_labels_stale(const struct session_feed *feed);

/* Processes whose files could not be read in time. */
__u64 session_feed_unanswered(const struct session_feed *feed);

struct history *session_feed_history(const struct session_feed *feed);

/* Hands it over: the feed can only be freed after that. */
struct history *session_feed_take_history(struct session_feed *feed);

#endif
