/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The file that a recording is: a head, then chunks to the end. A chunk is compressed (zstd) and
 * checksummed (CRC-32) by itself, so that what comes before a fault can be read. The first holds a
 * JSON object that describes host and recording; each of the others holds items, whole ones.
 *
 * Everything is little-endian, records of the kernel too. A change that older readers would
 * misunderstand raises the major version; chunks and items of new kinds, and keys of the JSON
 * object, raise the minor one: they are skipped, and counted.
 */
#ifndef LOOPSCOPE_RECORDING_FORMAT_H
#define LOOPSCOPE_RECORDING_FORMAT_H

#include <stddef.h>

#include "types.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a recording is of such a machine");

#define RECORDING_MAGIC "\x89LOOPSC\n" /* no text, and spoilt by what changes line ends */
#define RECORDING_BYTE_ORDER 0x01020304U
#define RECORDING_BYTE_ORDER_SWAPPED 0x04030201U
#define RECORDING_MAJOR 1
#define RECORDING_MINOR 1                  /* 1: stalls, and their stacks */
#define RECORDING_MAX_CHUNK (1024U * 1024) /* bytes, once decompressed */

enum recording_chunk_kind {
	CHUNK_HOST = 1,  /* JSON; the first, and no other */
	CHUNK_ITEMS = 2, /* struct recording_item and its bytes, over and over */
};

#define RECORDING_CHUNK_MAGIC 0x4b4e4843U /* "CHNK" */

#pragma GCC diagnostic push
#pragma GCC diagnostic error "-Wpadded"

struct recording_head {
	__u8 magic[8];
	__u32 byte_order;
	__u16 major;
	__u16 minor;
	__u32 reserved; /* 0 */
	__u32 crc;      /* of what is before it */
};
_Static_assert(sizeof(struct recording_head) == 24, "file format");

struct recording_chunk {
	__u32 magic;
	__u16 kind;         /* enum recording_chunk_kind */
	__u16 reserved;     /* 0 */
	__u32 sequence;     /* from 0 */
	__u32 bytes;        /* once decompressed */
	__u32 stored_bytes; /* they follow */
	__u32 crc;          /* of what is before it, and of them */
};
_Static_assert(sizeof(struct recording_chunk) == 24, "file format");

struct recording_item {
	__u16 kind; /* enum item_kind */
	__u16 reserved;
	__u32 bytes; /* they follow */
};
_Static_assert(sizeof(struct recording_item) == 8, "file format");

#pragma GCC diagnostic pop

__u32 recording_head_crc(const struct recording_head *head);
__u32 recording_chunk_crc(const struct recording_chunk *chunk, const void *stored);

#endif
