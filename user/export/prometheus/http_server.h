/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent's HTTP server: /metrics, /healthz, /readyz, /debug/loops. It runs on
 * the agent's event loop (libmicrohttpd's epoll descriptor), holds a bounded number
 * of connections, and never waits for a slow client.
 */
#ifndef LOOPSCOPE_HTTP_SERVER_H
#define LOOPSCOPE_HTTP_SERVER_H

#include <systemd/sd-event.h>

#include "config/settings/settings.h"
#include "export/figures.h"

#define HTTP_SERVER_ERROR_LEN 256

struct http_server;

/* What the server asks the agent for; all are called from the event loop. */
struct http_server_callbacks {
	/* Figures brought up to date (at most once a second), valid until the loop goes on. */
	const struct figures *(*figures)(void *context);
	bool (*healthy)(void *context); /* the agent's loop turns and records are read */
	bool (*ready)(void *context);   /* attached, and a first interval is complete */
	void *context;
};

/*
 * Starts listening. `settings` (prometheus) must outlive it. Negative errno; `error` says what
 * is wrong: the address is in use, the certificate cannot be read, ...
 */
int http_server_new(sd_event *event, const struct prometheus_settings *settings,
		    const struct http_server_callbacks *callbacks, struct http_server **ret_server,
		    char error[HTTP_SERVER_ERROR_LEN]);
void http_server_free(struct http_server *server);

/*
 * Settings of a reload: labels, bounds and credentials hold from now on, and `settings` must
 * outlive the server in place of the former ones. Address and TLS stay as they are.
 */
void http_server_use(struct http_server *server, const struct prometheus_settings *settings);

/* How long a client may take from one answer to the next; then it is cut. 15 s unless set. */
void http_server_set_request_timeout(struct http_server *server, __u64 timeout_us);

/* The port in use: for listen addresses with port 0. */
int http_server_port(const struct http_server *server);
__u64 http_server_scrapes(const struct http_server *server);

#endif
