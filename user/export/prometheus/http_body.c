/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The reader that libmicrohttpd calls whenever the client's socket has room again. */
#include "export/prometheus/http_body.h"

#include <stdlib.h>

#include "export/prometheus/accept.h"

#define PIECE_SIZE ((size_t)16 << 10) /* held by the response, beside the body */

struct http_body {
	struct gzip_body *gzip;
	unsigned int *nr_bodies;
};

static ssize_t read_gzip(void *context, uint64_t offset, char *data, size_t size)
{
	const struct http_body *body = context;
	size_t n = gzip_body_read(body->gzip, offset, data, size);

	return n ? (ssize_t)n : MHD_CONTENT_READER_END_OF_STREAM;
}

/* Asked for in order: a response is one client's. */
static ssize_t read_plain(void *context, uint64_t offset, char *data, size_t size)
{
	const struct http_body *body = context;
	ssize_t n = gzip_body_read_plain(body->gzip, data, size);

	(void)offset;
	if (n < 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	return n ? n : MHD_CONTENT_READER_END_OF_STREAM;
}

static void free_body(void *context)
{
	struct http_body *body = context;

	(*body->nr_bodies)--;
	gzip_body_free(body->gzip);
	free(body);
}

struct MHD_Response *http_body_response(struct gzip_body *body, struct MHD_Connection *connection,
					unsigned int *nr_bodies)
{
	bool compressed = accept_gzip(
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Accept-Encoding"));
	struct http_body *held = malloc(sizeof(*held));
	struct MHD_Response *response;

	if (!held) {
		gzip_body_free(body);
		return NULL;
	}
	*held = (struct http_body){.gzip = body, .nr_bodies = nr_bodies};
	(*nr_bodies)++;
	response = MHD_create_response_from_callback(
		compressed ? gzip_body_size(body) : gzip_body_plain_size(body), PIECE_SIZE,
		compressed ? read_gzip : read_plain, held, free_body);
	if (!response) {
		free_body(held);
		return NULL;
	}
	if (compressed)
		MHD_add_response_header(response, "Content-Encoding", "gzip");
	MHD_add_response_header(response, "Vary", "Accept, Accept-Encoding");
	return response;
}
