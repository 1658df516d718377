/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Takes a response in, line by line and piece by piece. */
#include "export/otlp/otlp_response.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static const char *const header_names[NR_OTLP_HEADERS] = {
	[HEADER_CONTENT_TYPE] = "content-type",   [HEADER_RETRY_AFTER] = "retry-after",
	[HEADER_LOCATION] = "location",           [HEADER_GRPC_STATUS] = "grpc-status",
	[HEADER_GRPC_MESSAGE] = "grpc-message",   [HEADER_GRPC_DETAILS] = "grpc-status-details-bin",
	[HEADER_GRPC_ENCODING] = "grpc-encoding",
};

static void forget_headers(struct otlp_response *response)
{
	for (size_t i = 0; i < NR_OTLP_HEADERS; i++) {
		free(response->headers[i]);
		response->headers[i] = NULL;
	}
}

/* "HTTP/1.1 503 Gone fishing", "HTTP/2 200 "; 1xx are followed by the real one. */
static void begin(struct otlp_response *response, const char *line, size_t size)
{
	const char *space = memchr(line, ' ', size), *end = line + size;
	long status = 0;

	forget_headers(response);
	response->headers_ended = false;
	for (const char *c = space ? space + 1 : end; c < end && isdigit((unsigned char)*c); c++) {
		if (status < 100)
			status = status * 10 + (*c - '0');
	}
	response->status = status;
}

static int keep(struct otlp_response *response, enum otlp_header header, const char *value,
		size_t size)
{
	char *text;

	while (size && isspace((unsigned char)*value)) {
		value++;
		size--;
	}
	while (size && isspace((unsigned char)value[size - 1]))
		size--;
	text = strndup(value, size);
	if (!text)
		return -ENOMEM;
	free(response->headers[header]);
	response->headers[header] = text;
	return 0;
}

int otlp_response_add_header(struct otlp_response *response, const char *line, size_t size)
{
	const char *colon = memchr(line, ':', size);

	if (size > OTLP_RESPONSE_HEADERS_MAX - response->header_bytes)
		return -E2BIG;
	response->header_bytes += size;
	if (size >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		begin(response, line, size);
		return 0;
	}
	if (!size || line[0] == '\r' || line[0] == '\n')
		response->headers_ended = response->status >= 200;
	if (!colon)
		return 0;
	for (size_t i = 0; i < NR_OTLP_HEADERS; i++) {
		size_t length = strlen(header_names[i]);

		if ((size_t)(colon - line) == length &&
		    strncasecmp(line, header_names[i], length) == 0)
			return keep(response, i, colon + 1, size - length - 1);
	}
	return 0;
}

int otlp_response_add_body(struct otlp_response *response, const void *data, size_t size)
{
	size_t room = OTLP_RESPONSE_BODY_MAX - response->body.size;

	response->body_bytes += size;
	if (response->body_bytes > OTLP_RESPONSE_TAKE_MAX)
		return -E2BIG;
	return buffer_append(&response->body, data, size < room ? size : room);
}

void otlp_response_done(struct otlp_response *response)
{
	forget_headers(response);
	buffer_done(&response->body);
	*response = (struct otlp_response){};
}
