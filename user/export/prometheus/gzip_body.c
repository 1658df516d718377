/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A buffer of gzip, filled by one stream of zlib's and, if need be, emptied by another. */
#include "export/prometheus/gzip_body.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#include "export/gzip.h"

#define GZIP_WINDOW (16 + MAX_WBITS) /* + 16: gzip's header and trailer */

struct gzip_body {
	struct gzip *gzip; /* until finished */
	struct buffer bytes;
	size_t plain_size;
	bool inflating;
	z_stream inflater;
};

int gzip_body_new(struct gzip_body **ret_body)
{
	_cleanup_(gzip_body_freep) struct gzip_body *body = calloc(1, sizeof(*body));
	int err = body ? gzip_new(&body->gzip) : -ENOMEM;

	if (!err)
		*ret_body = TAKE_PTR(body);
	return err;
}

void gzip_body_free(struct gzip_body *body)
{
	if (!body)
		return;
	if (body->inflating)
		inflateEnd(&body->inflater);
	gzip_free(body->gzip);
	buffer_done(&body->bytes);
	free(body);
}

int gzip_body_write(struct gzip_body *body, const void *data, size_t size)
{
	body->plain_size += size;
	return gzip_add(body->gzip, data, size, false, &body->bytes);
}

int gzip_body_finish(struct gzip_body *body)
{
	int err = gzip_add(body->gzip, NULL, 0, true, &body->bytes);

	gzip_free(TAKE_PTR(body->gzip)); /* a quarter of a MiB, not to be held for a slow client */
	return err;
}

size_t gzip_body_size(const struct gzip_body *body)
{
	return body->bytes.size;
}

size_t gzip_body_plain_size(const struct gzip_body *body)
{
	return body->plain_size;
}

size_t gzip_body_read(const struct gzip_body *body, size_t offset, void *data, size_t size)
{
	size_t rest = offset < body->bytes.size ? body->bytes.size - offset : 0;

	if (size > rest)
		size = rest;
	if (size)
		memcpy(data, body->bytes.data + offset, size);
	return size;
}

static int start_inflating(struct gzip_body *body)
{
	if (body->inflating)
		return 0;
	if (inflateInit2(&body->inflater, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	body->inflating = true;
	body->inflater.next_in = body->bytes.data;
	body->inflater.avail_in = (unsigned int)body->bytes.size;
	return 0;
}

ssize_t gzip_body_read_plain(struct gzip_body *body, void *data, size_t size)
{
	int err = start_inflating(body), result;

	if (err)
		return err;
	body->inflater.next_out = data;
	body->inflater.avail_out = (unsigned int)size;
	result = inflate(&body->inflater, Z_SYNC_FLUSH);
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
		return result == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	return (ssize_t)(size - body->inflater.avail_out);
}
