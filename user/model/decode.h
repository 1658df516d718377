/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The record stream's only decoder. A record is hostile until it has passed
 * here: of any length, unaligned, and from a file as likely as from the kernel.
 */
#ifndef LOOPSCOPE_MODEL_DECODE_H
#define LOOPSCOPE_MODEL_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "record.h"

struct stall_record;

/* A window record that has passed every check below. */
struct decoded_window {
	struct loop_window window; /* comms terminated */
	const unsigned char *tail; /* in the record, unaligned: its syscalls, then its buckets */
	size_t tail_bytes;
};

/*
 * -EBADMSG unless `record` holds a whole record. More than that is no error:
 * a ring reserves more than it fills. ret_header->kind may be unknown.
 */
int decode_header(const void *record, size_t size, struct record_header *ret_header);

/*
 * A record of kind RECORD_LOOP_WINDOW or RECORD_LOOP_GONE that decode_header
 * has taken. -EBADMSG unless all of this holds:
 *
 *   every enumeration, flag and index is a known one, reserved fields are 0;
 *   the size is what the counts of syscalls and buckets make it;
 *   poll time and causes sum to the time since the loop was first seen;
 *   buckets are in strict order, and none is empty;
 *   no total of times or counts is beyond INT64_MAX.
 */
int decode_window(const void *record, struct decoded_window *ret_decoded);

/*
 * A record of kind RECORD_STALL_BEGUN, _LASTS or _ENDED that decode_header has taken. -EBADMSG
 * unless its size is right, every enumeration and flag is a known one, reserved fields are 0, and
 * its causes sum to the time since its beginning. Names are terminated.
 */
int decode_stall(const void *record, struct stall_record *ret_record);

static inline bool record_is_stall(enum record_kind kind)
{
	return kind == RECORD_STALL_BEGUN || kind == RECORD_STALL_LASTS ||
	       kind == RECORD_STALL_ENDED;
}

#endif
