/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* FNV-1a: tells apart what is not made to be mistaken. */
#ifndef LOOPSCOPE_FNV_H
#define LOOPSCOPE_FNV_H

#include <stddef.h>
#include <stdint.h>

#define FNV_BASIS 14695981039346656037ULL /* of no bytes */

/* Of the bytes that `hash` is of, and these. */
static inline uint64_t fnv_add(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *byte = bytes;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ byte[i]) * 1099511628211ULL;
	return hash;
}

#endif
