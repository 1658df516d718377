/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps the store up to date: lists the pods of this node, then watches them, for good; or asks
 * the kubelet for them again and again. A transfer each on the event loop; nothing waits.
 * Every error is retried with back-off, and what is known stays known meanwhile.
 */
#ifndef LOOPSCOPE_POD_WATCH_H
#define LOOPSCOPE_POD_WATCH_H

#include <linux/types.h>
#include <systemd/sd-event.h>

#include "config/settings/settings.h"
#include "identity/kubernetes/pods.h"

#define POD_WATCH_ERROR_LEN 1024

struct pod_watch;

struct pod_watch_options {
	const struct kubernetes_settings *settings; /* must outlive the watch */
	struct pods *pods;                          /* likewise */
	struct pod_parse_options parse;
	bool impatient; /* somebody waits for it: a first failure counts as one that lasts */
	/* What an operator should know, once and not at each retry: a failure that lasts, and its
	 * end. Nothing that is called from here may free the watch. */
	void (*report)(const char *message, bool failed, void *context);
	/* The store holds what there is: at first, and after each list. May be NULL. */
	void (*synced)(void *context);
	void *context;
};

/* Totals since it was made. */
struct pod_watch_stats {
	__u64 requests;
	__u64 failures;     /* requests that ended in an error */
	__u64 lists;        /* complete ones */
	__u64 events;       /* of watches, bookmarks included */
	__u64 bad;          /* objects that are no pods */
	bool synced;        /* a list was complete, ever */
	const char *source; /* "api", "kubelet", "none": in use; static */
};

/*
 * Settings say where from; with `auto` a kubelet is asked where the API server cannot be had.
 * -EINVAL, -ENOENT, ...: `error` (POD_WATCH_ERROR_LEN) says what is wrong with them. Never
 * fails because nobody answers.
 */
int pod_watch_new(sd_event *event, const struct pod_watch_options *options,
		  struct pod_watch **ret_watch, char *error);
void pod_watch_free(struct pod_watch *watch);

/* Somebody is in a pod that is not known: a kubelet is asked sooner, though not too often. */
void pod_watch_hurry(struct pod_watch *watch);

void pod_watch_stats(const struct pod_watch *watch, struct pod_watch_stats *ret_stats);

#endif
