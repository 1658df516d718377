/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* zlib's streams, with their output in buffers that grow. */
#include "export/gzip.h"

#include <errno.h>
#include <limits.h>
#include <zlib.h>

#define GZIP_WINDOW (MAX_WBITS + 16) /* + 16: gzip's header and trailer */
#define GZIP_MEMORY 8                /* zlib's default: 256 KiB in all */
#define OUT_CHUNK 16384

struct gzip {
	z_stream stream;
};

int gzip_new(struct gzip **ret_gzip)
{
	struct gzip *gzip = calloc(1, sizeof(*gzip));

	if (!gzip)
		return -ENOMEM;
	/* half the CPU time of zlib's default level, for a sixth more bytes */
	if (deflateInit2(&gzip->stream, Z_BEST_SPEED, Z_DEFLATED, GZIP_WINDOW, GZIP_MEMORY,
			 Z_DEFAULT_STRATEGY) != Z_OK) {
		free(gzip);
		return -ENOMEM;
	}
	*ret_gzip = gzip;
	return 0;
}

void gzip_free(struct gzip *gzip)
{
	if (!gzip)
		return;
	deflateEnd(&gzip->stream);
	free(gzip);
}

int gzip_add(struct gzip *gzip, const void *data, size_t size, bool last, struct buffer *out)
{
	z_stream *stream = &gzip->stream;

	if (size > UINT_MAX)
		return -EINVAL;
	stream->next_in = (Bytef *)data;
	stream->avail_in = size;
	do {
		if (buffer_reserve(out, OUT_CHUNK))
			return out->error;
		stream->next_out = out->data + out->size;
		stream->avail_out = OUT_CHUNK;
		if (deflate(stream, last ? Z_FINISH : Z_NO_FLUSH) == Z_STREAM_ERROR)
			return -EINVAL;
		out->size += OUT_CHUNK - stream->avail_out;
	} while (stream->avail_out == 0);
	return 0;
}

/* Z_OK with output left over: the input is at its end, the stream is not. */
static int inflate_into(z_stream *stream, size_t max, struct buffer *out)
{
	size_t nr_out = 0;
	int status = Z_OK;

	while (status == Z_OK) {
		size_t room = max - nr_out < OUT_CHUNK ? max - nr_out : OUT_CHUNK;
		unsigned char beyond; /* is there one byte more than may be? */

		if (room && buffer_reserve(out, room))
			return out->error;
		stream->next_out = room ? out->data + out->size : &beyond;
		stream->avail_out = room ? room : 1;
		status = inflate(stream, Z_NO_FLUSH);
		if (!room && !stream->avail_out)
			return -EFBIG;
		if (room) {
			out->size += room - stream->avail_out;
			nr_out += room - stream->avail_out;
		}
		if (status == Z_OK && stream->avail_out && !stream->avail_in)
			return -EBADMSG;
	}
	return status == Z_STREAM_END ? 0 : -EBADMSG;
}

int gunzip(const void *data, size_t size, size_t max, struct buffer *out)
{
	z_stream stream = {.next_in = (Bytef *)data, .avail_in = size};
	int r;

	if (size > UINT_MAX)
		return -EFBIG;
	if (inflateInit2(&stream, GZIP_WINDOW) != Z_OK)
		return -ENOMEM;
	r = inflate_into(&stream, max, out);
	inflateEnd(&stream);
	return r;
}
