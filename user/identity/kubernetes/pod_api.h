/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pods from the API server: a list of this node's, then a watch from the list's version on, for
 * good. What each is asked for, and when a list is made anew, is at the head of pod_api.c.
 * Private to the watch of pods.
 */
#ifndef LOOPSCOPE_POD_API_H
#define LOOPSCOPE_POD_API_H

#include "base/buffer.h"
#include "identity/kubernetes/pod_feed.h"

struct pod_api;

/* Frees the driver, on errors too. -ENOMEM. */
int pod_api_new(const struct pod_driver *driver, const struct pod_feed_options *options,
		const char *node_name, struct pod_api **ret_api);
void pod_api_free(struct pod_api *api);

/* Not from within a driver's call. */
void pod_api_start(struct pod_api *api);

/* Somebody else has filled the store since: what comes next is a list. */
void pod_api_list_next(struct pod_api *api);

struct pod_feed *pod_api_feed(struct pod_api *api);

/* Where a list begins. */
enum pod_list_from {
	POD_LIST_ANY,       /* with what the server has at hand */
	POD_LIST_NOT_OLDER, /* than what we have seen */
	POD_LIST_LATEST,    /* with the latest there is */
};

/*
 * The paths of requests. node_name, version and token are escaped: they may hold anything.
 * token: of the next page; "": the first. -ENOMEM.
 */
int pod_api_list_path(const char *node_name, enum pod_list_from from, const char *version,
		      const char *token, struct buffer *path);
int pod_api_watch_path(const char *node_name, const char *version, unsigned int timeout_s,
		       struct buffer *path);

#endif
