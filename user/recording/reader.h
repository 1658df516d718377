/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reads a recording from a descriptor, file or pipe, in a chunk's memory however long it is. The
 * file is hostile: all is checked before it is believed, and what follows a fault is not read.
 */
#ifndef LOOPSCOPE_RECORDING_READER_H
#define LOOPSCOPE_RECORDING_READER_H

#include "recording/host.h"
#include "recording/item.h"

#define RECORDING_ERROR_LEN 256

struct recording_reader;

/*
 * Reads up to the first item. The descriptor stays the caller's. -EBADMSG: it is no recording, or
 * none that this version reads; or another -errno. `error` continues "cannot read FILE: ".
 */
int recording_reader_new(int fd, struct recording_reader **ret_reader,
			 char error[RECORDING_ERROR_LEN]);
void recording_reader_free(struct recording_reader *reader);
DEFINE_CLEANUP(struct recording_reader *, recording_reader_free)

/* Valid as long as the reader. */
const struct recording_host *recording_reader_host(const struct recording_reader *reader);

/* Valid until the next is read. */
struct read_item {
	enum item_kind kind; /* maybe one that is not known */
	const void *data;
	size_t size;
};

/*
 * 1: *ret_item is the next; 0: the file has ended, between two chunks; -EBADMSG: it is cut off or
 * corrupted; or another -errno. An error is final, and recording_reader_error tells of it.
 */
int recording_reader_next(struct recording_reader *reader, struct read_item *ret_item);
const char *recording_reader_error(const struct recording_reader *reader);

/* Bytes read so far, and chunks of kinds that are not known. */
__u64 recording_reader_offset(const struct recording_reader *reader);
__u64 recording_reader_skipped(const struct recording_reader *reader);

#endif
