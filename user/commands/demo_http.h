/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * As much of HTTP/1.1 as the demo server needs: heads of requests in, small
 * responses out. Pure; takes any bytes.
 */
#ifndef LOOPSCOPE_DEMO_HTTP_H
#define LOOPSCOPE_DEMO_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_MAX_HEAD 8192
#define HTTP_MAX_PATH 128
#define HTTP_MAX_BODY (1024 * 1024)

struct http_request {
	int status; /* 200, or the response that the request deserves for what it is */
	bool head;  /* HEAD: the response has no body */
	bool keep_alive;
	char path[HTTP_MAX_PATH]; /* without the query; empty unless status is 200 */
	size_t body_bytes;        /* follow the head */
};

/*
 * Reads one request's head. Returns its length, or 0 as long as it goes on beyond
 * the data. Where a head cannot be told from what follows it, all of the data is
 * the head, and the connection is not kept.
 */
size_t http_parse_request(const char *data, size_t size, struct http_request *ret_request);

/*
 * A whole response, its body the text and a newline; without one, the status's
 * own words. Its length, or 0 if it does not fit.
 */
size_t http_format_response(char *buffer, size_t size, const struct http_request *request,
			    const char *text);

#endif
