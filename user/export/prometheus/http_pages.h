/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent's HTTP server answers: one page a path. */
#ifndef LOOPSCOPE_HTTP_PAGES_H
#define LOOPSCOPE_HTTP_PAGES_H

#include <microhttpd.h>

#include "export/prometheus/http_server.h"

struct http_pages {
	const struct prometheus_settings *settings;
	struct http_server_callbacks callbacks;
	__u64 scrapes;
	unsigned int nr_bodies; /* bodies of /metrics and /debug/loops that clients still read */
};

/* Answers a request; MHD_NO cuts the connection. */
enum MHD_Result http_pages_answer(struct http_pages *pages, struct MHD_Connection *connection,
				  const char *method, const char *path);

/* Answers one that carries a body, which no page here takes; the connection ends with it. */
enum MHD_Result http_pages_refuse_body(struct MHD_Connection *connection, const char *method);

#endif
