/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The server's certificate and key: files read at start, in memory as libmicrohttpd takes them. */
#ifndef LOOPSCOPE_HTTP_TLS_H
#define LOOPSCOPE_HTTP_TLS_H

#include "export/prometheus/http_server.h"

struct http_tls {
	char *certificate, *key; /* PEM; both NULL: no TLS */
};

/* -EINVAL and others: `error` says which file, and what is wrong with it. */
int http_tls_load(const struct prometheus_settings *settings, struct http_tls *ret_tls,
		  char error[HTTP_SERVER_ERROR_LEN]);
void http_tls_done(struct http_tls *tls);

#endif
