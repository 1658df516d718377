/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What addresses of files are called, found once: a loop stalls where it has stalled before, and
 * going through DWARF takes milliseconds. Bounded by the number of addresses.
 */
#ifndef LOOPSCOPE_NAME_CACHE_H
#define LOOPSCOPE_NAME_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "symbols/elf/elf_dwarf.h"

#define NAME_CACHE_MAX 8192 /* addresses: some 300 bytes each */

struct native_name {
	const char *function; /* never NULL, as file */
	const char *file;
	uint32_t line;
	uint8_t language; /* enum frame_language */
	uint8_t flags;    /* FRAME_INLINED, FRAME_RUNTIME */
};

struct native_names {
	size_t nr; /* the innermost first */
	struct native_name names[DWARF_MAX_INLINED];
};

/* NULL: it is not there. Valid until the next put. */
const struct native_names *name_cache_get(uint64_t object, uint64_t vaddr);

/* Copies them; without memory it keeps nothing. */
void name_cache_put(uint64_t object, uint64_t vaddr, const struct native_names *names);

uint64_t name_cache_evictions(void);
void name_cache_clear(void);

#endif
