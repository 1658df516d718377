/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looking for an address among things that begin at one, sorted by it. */
#ifndef LOOPSCOPE_SORTED_H
#define LOOPSCOPE_SORTED_H

#include <stddef.h>
#include <stdint.h>

/*
 * How many of the `nr` things begin at or before the address: the last of those is the one before
 * this index. Each has `size` bytes, and begins with its address, a uint64_t.
 */
static inline size_t sorted_up_to(const void *things, size_t nr, size_t size, uint64_t address)
{
	size_t low = 0, high = nr;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const uint64_t *begin = (const void *)((const char *)things + middle * size);

		if (*begin <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

#endif
