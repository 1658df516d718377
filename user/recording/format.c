/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The checksums, by zlib. */
#include "recording/format.h"

#include <zlib.h>

__u32 recording_head_crc(const struct recording_head *head)
{
	return crc32(0, (const Bytef *)head, offsetof(struct recording_head, crc));
}

__u32 recording_chunk_crc(const struct recording_chunk *chunk, const void *stored)
{
	uLong crc = crc32(0, (const Bytef *)chunk, offsetof(struct recording_chunk, crc));

	return crc32(crc, stored, chunk->stored_bytes);
}
