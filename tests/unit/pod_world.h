/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A world for the watch of pods in which time passes when a test says so: an API server and a
 * kubelet that answer from a script, and a log of what was asked and reported.
 */
#ifndef LOOPSCOPE_TESTS_POD_WORLD_H
#define LOOPSCOPE_TESTS_POD_WORLD_H

#include <stdbool.h>

#include "identity/kubernetes/pod_watch_parts.h"

#define WORLD_MAX_REQUESTS 4096
#define WORLD_MAX_REPORTS 32

/* An answer to one request. All zero: none ever comes. */
struct world_answer {
	double after_ms;     /* the answer, from the request on */
	long status;         /* 0: none, the request ends with `message` then */
	const char *body;    /* at once */
	double lasts_ms;     /* from then on; negative: until somebody ends it */
	const char *message; /* it ends with; NULL: "", as it should */
	double retry_after_s;
};

struct world_request {
	double at_ms;
	char path[256];
};

struct world_server;

/* nr: of the request, from 0. Leaves *ret as it is, or says. */
typedef void (*world_answer_fn)(struct world_server *server, const char *path, size_t nr,
				struct world_answer *ret);

struct world_server {
	struct pod_world *world;
	world_answer_fn answer;
	struct pod_feed *feed;
	double wake_ms;                        /* negative: not armed */
	double answer_ms, end_ms, deadline_ms; /* of the request under way; negative: none */
	struct world_answer under_way;
	bool in_request;

	struct world_request requests[WORLD_MAX_REQUESTS];
	size_t nr_requests;
};

struct pod_world {
	double now_ms, chance;
	struct world_server api, kubelet;
	struct kubernetes_settings settings;
	struct pods *pods;
	struct pod_watch *watch;
	unsigned int nr_synced, nr_changed;
	struct {
		double at_ms;
		bool failed;
		char message[POD_WATCH_ERROR_LEN];
	} reports[WORLD_MAX_REPORTS];
	size_t nr_reports;
};

/* Either may be NULL: there is no such source. The watch is made at once. */
void pod_world_begin(struct pod_world *world, world_answer_fn api, world_answer_fn kubelet);
void pod_world_end(struct pod_world *world);

/* Lets so much time pass. */
void pod_world_run(struct pod_world *world, double for_ms);

/* What the server says now, in the answer under way. */
void pod_world_say(struct world_server *server, const char *text);

/* Ends it now; message: "" as it should. */
void pod_world_hang_up(struct world_server *server, const char *message);

const struct world_request *pod_world_last(const struct world_server *server);
struct pod_watch_stats pod_world_stats(const struct pod_world *world);
bool pod_world_knows(const struct pod_world *world, const char *uid);
size_t pod_world_nr_pods(const struct pod_world *world);

/* JSON. Each text is valid until some more have been made. */
const char *json_pod(const char *uid);
const char *json_list(const char *version, const char *token, const char *items);
const char *json_event(const char *type, const char *uid, const char *version);
const char *json_bookmark(const char *version);
const char *json_error(int code);

#endif
