/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A chunk is read, checked and decompressed as a whole, then handed out item by item. */
#include "recording/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zstd.h>

#include "recording/format.h"

struct recording_reader {
	int fd;
	ZSTD_DCtx *zstd;
	struct recording_host *host;
	struct recording_chunk chunk; /* the present one */
	__u64 chunk_offset;
	struct buffer stored, bytes;
	size_t at; /* in `bytes`, of the next item */
	__u32 sequence;
	__u64 offset;
	__u64 skipped;
	int failure;
	char error[RECORDING_ERROR_LEN];
};

void recording_reader_free(struct recording_reader *reader)
{
	if (!reader)
		return;
	ZSTD_freeDCtx(reader->zstd);
	recording_host_free(reader->host);
	buffer_done(&reader->stored);
	buffer_done(&reader->bytes);
	free(reader);
}

__attribute__((format(printf, 3, 4))) static int fail(struct recording_reader *reader, int err,
						      const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(reader->error, sizeof(reader->error), format, arguments);
	va_end(arguments);
	return reader->failure = err;
}

static int fail_cut(struct recording_reader *reader)
{
	return fail(reader, -EBADMSG, "it is cut off at byte %llu, within chunk %u", reader->offset,
		    reader->sequence);
}

static int fail_memory(struct recording_reader *reader)
{
	return fail(reader, -ENOMEM, "out of memory");
}

/* How much there was, up to so much; or -errno. */
static ssize_t read_bytes(struct recording_reader *reader, void *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t nr = read(reader->fd, (char *)to + done, size - done);

		if (nr < 0 && errno == EINTR)
			continue;
		if (nr < 0)
			return fail(reader, -errno, "%s", strerror(errno));
		if (!nr)
			break;
		done += (size_t)nr;
		reader->offset += (size_t)nr;
	}
	return (ssize_t)done;
}

static int read_head(struct recording_reader *reader)
{
	static const __u8 magic[8] = RECORDING_MAGIC;
	struct recording_head head = {};
	ssize_t nr = read_bytes(reader, &head, sizeof(head));

	if (nr < 0)
		return (int)nr;
	if (!nr)
		return fail(reader, -EBADMSG, "it is empty");
	if (memcmp(head.magic, magic, sizeof(magic)) != 0)
		return fail(reader, -EBADMSG, "it is no recording of loopscope");
	if (nr < (ssize_t)sizeof(head))
		return fail(reader, -EBADMSG, "it is cut off at byte %zd, within its head", nr);
	if (head.byte_order == RECORDING_BYTE_ORDER_SWAPPED)
		return fail(reader, -EBADMSG,
			    "it was recorded on a big-endian machine, and has to be read on one");
	if (head.major > RECORDING_MAJOR)
		return fail(reader, -EBADMSG,
			    "it is of format %u, and this loopscope (%s) reads no later one than "
			    "%u: take a newer loopscope",
			    head.major, LOOPSCOPE_VERSION, RECORDING_MAJOR);
	if (head.byte_order != RECORDING_BYTE_ORDER || head.crc != recording_head_crc(&head) ||
	    head.major != RECORDING_MAJOR)
		return fail(reader, -EBADMSG, "its head is corrupted");
	return 0;
}

/* The chunk's own claims, before anything is read on the strength of them. */
static int check_chunk(struct recording_reader *reader)
{
	const struct recording_chunk *chunk = &reader->chunk;

	if (chunk->magic != RECORDING_CHUNK_MAGIC || chunk->bytes > RECORDING_MAX_CHUNK ||
	    chunk->stored_bytes > ZSTD_compressBound(RECORDING_MAX_CHUNK))
		return fail(reader, -EBADMSG, "it is corrupted at byte %llu: no chunk begins there",
			    reader->chunk_offset);
	return 0;
}

static int check_stored(struct recording_reader *reader)
{
	const struct recording_chunk *chunk = &reader->chunk;

	if (chunk->crc != recording_chunk_crc(chunk, reader->stored.data))
		return fail(reader, -EBADMSG,
			    "it is corrupted: the checksum of chunk %u, at byte %llu, is wrong",
			    reader->sequence, reader->chunk_offset);
	if (chunk->sequence != reader->sequence)
		return fail(reader, -EBADMSG,
			    "it is corrupted: chunk %u stands at byte %llu, where chunk %u should",
			    chunk->sequence, reader->chunk_offset, reader->sequence);
	return 0;
}

static int decompress(struct recording_reader *reader)
{
	struct buffer *bytes = &reader->bytes;
	size_t nr;

	buffer_reset(bytes);
	if (buffer_reserve(bytes, reader->chunk.bytes + 1)) /* one for a terminator */
		return fail_memory(reader);
	nr = ZSTD_decompressDCtx(reader->zstd, bytes->data, reader->chunk.bytes,
				 reader->stored.data, reader->chunk.stored_bytes);
	if (ZSTD_isError(nr) || nr != reader->chunk.bytes)
		return fail(reader, -EBADMSG,
			    "it is corrupted: chunk %u, at byte %llu, cannot be decompressed",
			    reader->sequence, reader->chunk_offset);
	bytes->size = nr;
	reader->at = 0;
	return 0;
}

/* 1: the next chunk is in `bytes`; 0: there is none; or an error. */
static int read_chunk(struct recording_reader *reader)
{
	struct buffer *stored = &reader->stored;
	ssize_t nr;
	int r;

	reader->chunk_offset = reader->offset;
	nr = read_bytes(reader, &reader->chunk, sizeof(reader->chunk));
	if (nr <= 0)
		return (int)nr;
	if (nr < (ssize_t)sizeof(reader->chunk))
		return fail_cut(reader);
	r = check_chunk(reader);
	if (r)
		return r;
	buffer_reset(stored);
	if (buffer_reserve(stored, reader->chunk.stored_bytes + 1))
		return fail_memory(reader);
	nr = read_bytes(reader, stored->data, reader->chunk.stored_bytes);
	if (nr < 0)
		return (int)nr;
	if (nr < (ssize_t)reader->chunk.stored_bytes)
		return fail_cut(reader);
	r = check_stored(reader) ?: decompress(reader);
	if (r)
		return r;
	reader->sequence++;
	return 1;
}

static int read_host(struct recording_reader *reader)
{
	int r = read_chunk(reader);

	if (r < 0)
		return r;
	if (!r)
		return fail(reader, -EBADMSG, "it is cut off behind its head");
	if (reader->chunk.kind == CHUNK_HOST)
		r = recording_host_parse((const char *)reader->bytes.data, reader->bytes.size,
					 &reader->host);
	if (r == -ENOMEM)
		return fail_memory(reader);
	if (r || reader->chunk.kind != CHUNK_HOST)
		return fail(reader, -EBADMSG, "it does not say where it was recorded");
	reader->at = reader->bytes.size;
	return 0;
}

int recording_reader_new(int fd, struct recording_reader **ret_reader,
			 char error[RECORDING_ERROR_LEN])
{
	_cleanup_(recording_reader_freep) struct recording_reader *reader =
		calloc(1, sizeof(*reader));
	int r;

	snprintf(error, RECORDING_ERROR_LEN, "out of memory");
	if (!reader)
		return -ENOMEM;
	reader->fd = fd;
	reader->zstd = ZSTD_createDCtx();
	if (!reader->zstd)
		return -ENOMEM;
	r = read_head(reader) ?: read_host(reader);
	if (r) {
		memcpy(error, reader->error, RECORDING_ERROR_LEN);
		return r;
	}
	*ret_reader = TAKE_PTR(reader);
	return 0;
}

const struct recording_host *recording_reader_host(const struct recording_reader *reader)
{
	return reader->host;
}

/* Fills `bytes` with a chunk of items. */
static int next_items(struct recording_reader *reader)
{
	for (;;) {
		int r = read_chunk(reader);

		if (r <= 0)
			return r;
		if (reader->chunk.kind == CHUNK_ITEMS)
			return 1;
		reader->at = reader->bytes.size;
		reader->skipped++;
	}
}

static int take_item(struct recording_reader *reader, struct read_item *ret_item)
{
	const unsigned char *at = reader->bytes.data + reader->at;
	size_t rest = reader->bytes.size - reader->at;
	struct recording_item item = {};

	if (rest >= sizeof(item))
		memcpy(&item, at, sizeof(item));
	if (rest < sizeof(item) || item.bytes > rest - sizeof(item))
		return fail(reader, -EBADMSG,
			    "chunk %u, at byte %llu, is whole, but what is in it is not",
			    reader->sequence - 1, reader->chunk_offset);
	reader->at += sizeof(item) + item.bytes;
	*ret_item = (struct read_item){item.kind, at + sizeof(item), item.bytes};
	return 1;
}

int recording_reader_next(struct recording_reader *reader, struct read_item *ret_item)
{
	while (!reader->failure && reader->at == reader->bytes.size) {
		int r = next_items(reader);

		if (r <= 0)
			return r;
	}
	return reader->failure ?: take_item(reader, ret_item);
}

const char *recording_reader_error(const struct recording_reader *reader)
{
	return reader->error;
}

__u64 recording_reader_offset(const struct recording_reader *reader)
{
	return reader->offset;
}

__u64 recording_reader_skipped(const struct recording_reader *reader)
{
	return reader->skipped;
}
