/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Items gather in a buffer, which becomes a chunk when it is full or flushed. */
#include "recording/writer.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include "recording/format.h"

#define FULL_BYTES (256 * 1024)
#define PATIENCE_MS 1000
#define LEVEL 3 /* 7 % larger than by 6, in a third of the time */

_Static_assert(FULL_BYTES + sizeof(struct recording_item) + ITEM_MAX_SIZE <= RECORDING_MAX_CHUNK,
	       "one more item fits in");

struct recording_writer {
	int fd;
	bool is_file;
	off_t begin; /* where in the file the recording begins */
	ZSTD_CCtx *zstd;
	struct buffer items, stored;
	__u32 sequence;
	__u64 bytes;
	int error; /* the first */
};

void recording_writer_free(struct recording_writer *writer)
{
	if (!writer)
		return;
	ZSTD_freeCCtx(writer->zstd);
	buffer_done(&writer->items);
	buffer_done(&writer->stored);
	free(writer);
}

/*
 * Of a pipe: waits for room. A session blocks signals and looks at them between two events; while
 * whoever is to read the pipe does not, nobody would, so that they have their effect here.
 */
static void await_room(int fd)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	sigset_t mask;

	if (poll(&room, 1, PATIENCE_MS))
		return;
	pthread_sigmask(SIG_BLOCK, NULL, &mask);
	for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++)
		sigdelset(&mask, ending[i]);
	ppoll(&room, 1, NULL, &mask);
}

/* A file never lets anybody wait; a pipe takes so much at once if it has room. */
static int write_all(const struct recording_writer *writer, const void *data, size_t size)
{
	const size_t most = writer->is_file ? SIZE_MAX : PIPE_BUF;
	const char *at = data;

	while (size) {
		ssize_t nr;

		if (!writer->is_file)
			await_room(writer->fd);
		nr = write(writer->fd, at, size < most ? size : most);
		if (nr < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (nr <= 0)
			return nr ? -errno : -EIO;
		at += nr;
		size -= (size_t)nr;
	}
	return 0;
}

static int write_whole(struct recording_writer *writer, const void *data, size_t size)
{
	int r = write_all(writer, data, size);

	if (!r) {
		writer->bytes += size;
		return 0;
	}
	/* if that fails, the reader meets a chunk that is cut off, and says so */
	if (writer->is_file && ftruncate(writer->fd, writer->begin + (off_t)writer->bytes))
		return r;
	return r;
}

static int write_chunk(struct recording_writer *writer, enum recording_chunk_kind kind,
		       const void *data, size_t size)
{
	struct buffer *stored = &writer->stored;
	struct recording_chunk chunk = {
		.magic = RECORDING_CHUNK_MAGIC,
		.kind = kind,
		.sequence = writer->sequence++,
		.bytes = size,
	};
	size_t nr;

	buffer_reset(stored);
	if (buffer_reserve(stored, sizeof(chunk) + ZSTD_compressBound(size)))
		return stored->error;
	nr = ZSTD_compress2(writer->zstd, stored->data + sizeof(chunk),
			    stored->capacity - sizeof(chunk), data, size);
	if (ZSTD_isError(nr))
		return -ENOMEM; /* with room enough, nothing else fails */
	chunk.stored_bytes = nr;
	chunk.crc = recording_chunk_crc(&chunk, stored->data + sizeof(chunk));
	memcpy(stored->data, &chunk, sizeof(chunk));
	return write_whole(writer, stored->data, sizeof(chunk) + nr);
}

static int write_beginning(struct recording_writer *writer, const char *host_json)
{
	struct recording_head head = {
		.magic = RECORDING_MAGIC,
		.byte_order = RECORDING_BYTE_ORDER,
		.major = RECORDING_MAJOR,
		.minor = RECORDING_MINOR,
	};

	head.crc = recording_head_crc(&head);
	return write_whole(writer, &head, sizeof(head))
		       ?: write_chunk(writer, CHUNK_HOST, host_json, strlen(host_json));
}

int recording_writer_new(int fd, const char *host_json, struct recording_writer **ret_writer)
{
	_cleanup_(recording_writer_freep) struct recording_writer *writer =
		calloc(1, sizeof(*writer));
	struct stat status;
	int r;

	if (!writer || strlen(host_json) > RECORDING_MAX_CHUNK)
		return writer ? -E2BIG : -ENOMEM;
	writer->fd = fd;
	writer->is_file = !fstat(fd, &status) && S_ISREG(status.st_mode);
	writer->begin = writer->is_file ? lseek(fd, 0, SEEK_CUR) : 0;
	writer->zstd = ZSTD_createCCtx();
	if (!writer->zstd)
		return -ENOMEM;
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_compressionLevel, LEVEL);
	ZSTD_CCtx_setParameter(writer->zstd, ZSTD_c_checksumFlag, 1);
	r = write_beginning(writer, host_json);
	if (r)
		return r;
	*ret_writer = TAKE_PTR(writer);
	return 0;
}

int recording_writer_flush(struct recording_writer *writer)
{
	if (writer->error || !writer->items.size)
		return writer->error;
	writer->error = write_chunk(writer, CHUNK_ITEMS, writer->items.data, writer->items.size);
	buffer_reset(&writer->items);
	return writer->error;
}

int recording_writer_put(struct recording_writer *writer, enum item_kind kind, const void *data,
			 size_t size)
{
	const struct recording_item item = {.kind = kind, .bytes = size};

	if (writer->error)
		return writer->error;
	if (size > ITEM_MAX_SIZE)
		return -E2BIG;
	buffer_append(&writer->items, &item, sizeof(item));
	if (buffer_append(&writer->items, data, size))
		return writer->error = writer->items.error;
	return writer->items.size < FULL_BYTES ? 0 : recording_writer_flush(writer);
}

__u64 recording_writer_bytes(const struct recording_writer *writer)
{
	return writer->bytes;
}
