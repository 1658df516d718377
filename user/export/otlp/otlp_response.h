/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A receiver's response as it comes in: the status, the headers and trailers that
 * mean something to OTLP, and the beginning of the body. Everything is bounded.
 * Private to the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_RESPONSE_H
#define LOOPSCOPE_OTLP_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "config/settings/settings.h"

#define OTLP_RESPONSE_BODY_MAX (64UL * 1024)    /* kept; what is beyond is only counted */
#define OTLP_RESPONSE_TAKE_MAX (1024UL * 1024)  /* taken at all, before the line is cut */
#define OTLP_RESPONSE_HEADERS_MAX (64UL * 1024) /* of all headers and trailers */

enum otlp_header {
	HEADER_CONTENT_TYPE,
	HEADER_RETRY_AFTER,
	HEADER_LOCATION,
	HEADER_GRPC_STATUS,
	HEADER_GRPC_MESSAGE,
	HEADER_GRPC_DETAILS,
	HEADER_GRPC_ENCODING,
	NR_OTLP_HEADERS,
};

/* All zero is an empty one. */
struct otlp_response {
	enum otlp_signal signal; /* of the request */
	long status;             /* HTTP's; 0: none has come */
	bool headers_ended;
	char *headers[NR_OTLP_HEADERS]; /* owned; NULL: not sent */
	size_t header_bytes;
	struct buffer body; /* the first OTLP_RESPONSE_BODY_MAX bytes */
	size_t body_bytes;  /* all that came */
};

/* One line, as it came, the status line and the empty one too. -E2BIG, -ENOMEM. */
int otlp_response_add_header(struct otlp_response *response, const char *line, size_t size);

/* -E2BIG: more than OTLP_RESPONSE_TAKE_MAX, and what came first is kept. */
int otlp_response_add_body(struct otlp_response *response, const void *data, size_t size);

void otlp_response_done(struct otlp_response *response);

#endif
