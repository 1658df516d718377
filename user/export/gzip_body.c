/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* zlib into a list of blocks of one size, so that nothing is ever moved or held twice. */
#include "export/gzip_body.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

#define BLOCK_SIZE ((size_t)32 << 10)
#define LEVEL 1 /* texts this repetitive gain little from more, at several times the CPU */
#define GZIP_WINDOW_BITS (16 + MAX_WBITS)
#define MEMORY_LEVEL 8

struct block {
	unsigned char bytes[BLOCK_SIZE];
};

struct gzip_body {
	struct block **blocks; /* all full but the last */
	size_t nr_blocks;
	size_t size, plain_size;
	z_stream stream; /* deflating until finished, then inflating */
	bool deflating, inflating;
	size_t inflated; /* compressed bytes given to the inflater */
};

int gzip_body_new(struct gzip_body **ret_body)
{
	_cleanup_(gzip_body_freep) struct gzip_body *body = calloc(1, sizeof(*body));

	if (!body || deflateInit2(&body->stream, LEVEL, Z_DEFLATED, GZIP_WINDOW_BITS, MEMORY_LEVEL,
				  Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	body->deflating = true;
	*ret_body = TAKE_PTR(body);
	return 0;
}

void gzip_body_free(struct gzip_body *body)
{
	if (!body)
		return;
	if (body->deflating)
		deflateEnd(&body->stream);
	if (body->inflating)
		inflateEnd(&body->stream);
	for (size_t i = 0; i < body->nr_blocks; i++)
		free(body->blocks[i]);
	free(body->blocks);
	free(body);
}

static int add_block(struct gzip_body *body)
{
	struct block **blocks;

	blocks = reallocarray(body->blocks, body->nr_blocks + 1, sizeof(struct block *));
	if (!blocks)
		return -ENOMEM;
	body->blocks = blocks;
	blocks[body->nr_blocks] = malloc(sizeof(struct block));
	if (!blocks[body->nr_blocks])
		return -ENOMEM;
	body->stream.next_out = blocks[body->nr_blocks++]->bytes;
	body->stream.avail_out = BLOCK_SIZE;
	return 0;
}

/* Until all input is taken and, to finish, all output is given. */
static int run_deflate(struct gzip_body *body, int flush)
{
	int result;

	do {
		if (!body->stream.avail_out && add_block(body))
			return -ENOMEM;
		result = deflate(&body->stream, flush);
	} while (flush == Z_FINISH ? result == Z_OK || result == Z_BUF_ERROR
				   : body->stream.avail_in);
	return 0;
}

int gzip_body_write(struct gzip_body *body, const void *data, size_t size)
{
	body->stream.next_in = (unsigned char *)data; /* zlib does not write to it */
	body->stream.avail_in = (unsigned int)size;
	body->plain_size += size;
	return run_deflate(body, Z_NO_FLUSH);
}

int gzip_body_finish(struct gzip_body *body)
{
	int err;

	body->stream.avail_in = 0;
	err = run_deflate(body, Z_FINISH);
	if (err)
		return err;
	body->size = body->nr_blocks * BLOCK_SIZE - body->stream.avail_out;
	deflateEnd(&body->stream); /* a quarter of a MiB, not to be held for a slow client */
	body->deflating = false;
	body->stream = (z_stream){};
	return 0;
}

size_t gzip_body_size(const struct gzip_body *body)
{
	return body->size;
}

size_t gzip_body_plain_size(const struct gzip_body *body)
{
	return body->plain_size;
}

/* What is stored from an offset on, in one piece; how many bytes of it there are. */
static size_t stored_at(const struct gzip_body *body, size_t offset, unsigned char **ret_bytes)
{
	size_t within = offset % BLOCK_SIZE, rest = body->size - offset;

	if (offset >= body->size)
		return 0;
	*ret_bytes = body->blocks[offset / BLOCK_SIZE]->bytes + within;
	return rest < BLOCK_SIZE - within ? rest : BLOCK_SIZE - within;
}

size_t gzip_body_read(const struct gzip_body *body, size_t offset, void *data, size_t size)
{
	unsigned char *bytes;
	size_t stored = stored_at(body, offset, &bytes);

	if (size > stored)
		size = stored;
	if (size)
		memcpy(data, bytes, size);
	return size;
}

ssize_t gzip_body_read_plain(struct gzip_body *body, void *data, size_t size)
{
	int result = Z_OK;

	if (!body->inflating && inflateInit2(&body->stream, GZIP_WINDOW_BITS) != Z_OK)
		return -ENOMEM;
	body->inflating = true;
	body->stream.next_out = data;
	body->stream.avail_out = (unsigned int)size;
	while (result == Z_OK && body->stream.avail_out) {
		if (!body->stream.avail_in) {
			size_t n = stored_at(body, body->inflated, &body->stream.next_in);

			body->stream.avail_in = (unsigned int)n;
			body->inflated += n;
		}
		result = inflate(&body->stream, Z_NO_FLUSH);
	}
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
		return result == Z_MEM_ERROR ? -ENOMEM : -EBADMSG;
	return (ssize_t)(size - body->stream.avail_out);
}
