/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The API server's state machine from within: pod_api.c drives it; a file each lists, watches. */
#ifndef LOOPSCOPE_POD_API_PARTS_H
#define LOOPSCOPE_POD_API_PARTS_H

#include "identity/kubernetes/pod_api.h"

enum api_state { API_WAITING, API_LISTING, API_WATCHING };

struct pod_api {
	struct pod_feed feed; /* the first: a feed is the api that it is of */
	char *node_name;
	enum api_state state;
	enum pod_list_from from;              /* of the next list */
	char version[POD_STREAM_VERSION_LEN]; /* the latest we know of; "": none */
	bool must_list;
	bool tried_at_once; /* since a watch last settled */
	bool bookmarks;     /* the server sends them */

	/* of the list under way */
	char *token; /* of the next page; NULL: the first */
	unsigned int nr_pages;
	size_t nr_bytes;                           /* of the pages before */
	char list_version[POD_STREAM_VERSION_LEN]; /* the first page's */

	/* of the watch under way */
	bool settled, bookmarked;
	struct pod_answer error; /* that it told of, its code as status; 0: none */
};

/* Each has a check: looks what the request has come to, gives it up if need be, else is called
 * again. */
void pod_api_list(struct pod_api *api);
void pod_api_list_answered(struct pod_api *api);
void pod_api_list_check(struct pod_api *api);
void pod_api_list_done(struct pod_api *api, const struct pod_answer *answer);
void pod_api_free_list(struct pod_api *api);

/* Once without a wait, then as after any failure. */
void pod_api_list_anew(struct pod_api *api, const struct pod_answer *why);

void pod_api_watch(struct pod_api *api);
void pod_api_watch_check(struct pod_api *api);
int pod_api_watch_event(struct pod_api *api, struct pod_event *event);
void pod_api_watch_done(struct pod_api *api, const struct pod_answer *answer);

/* List or watch, as it has to be. */
void pod_api_go_on(struct pod_api *api);
void pod_api_request(struct pod_api *api, enum api_state state, const char *path,
		     double timeout_ms);
void pod_api_fail(struct pod_api *api, const struct pod_answer *answer);
void pod_api_fail_by(struct pod_api *api, const char *message);

#endif
