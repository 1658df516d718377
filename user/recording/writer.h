/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Writes a recording to a descriptor, chunk by chunk. What has been flushed can be read, whatever
 * becomes of the writer.
 */
#ifndef LOOPSCOPE_RECORDING_WRITER_H
#define LOOPSCOPE_RECORDING_WRITER_H

#include "recording/item.h"

struct recording_writer;

/*
 * Writes the head and the description of the host. The descriptor stays the caller's. All
 * return 0 or -errno, of write or -ENOMEM; after a failure only recording_writer_free is left.
 * A chunk that could not be written as a whole is taken back, where the descriptor is a file.
 * Where it is not, and nobody makes room for a second, signals that end a program do so, be they
 * blocked or not.
 */
int recording_writer_new(int fd, const char *host_json, struct recording_writer **ret_writer);
void recording_writer_free(struct recording_writer *writer);
DEFINE_CLEANUP(struct recording_writer *, recording_writer_free)

/* -E2BIG: above ITEM_MAX_SIZE. */
int recording_writer_put(struct recording_writer *writer, enum item_kind kind, const void *data,
			 size_t size);

/* Writes the items that have come since the last time. */
int recording_writer_flush(struct recording_writer *writer);

/* Written so far. */
__u64 recording_writer_bytes(const struct recording_writer *writer);

#endif
