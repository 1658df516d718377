/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A heap of V8 made up, with Node 20's numbers: objects in a row, read as another process's. */
#ifndef LOOPSCOPE_FAKE_V8_H
#define LOOPSCOPE_FAKE_V8_H

#include "symbols/jit/v8_heap.h"

#define FAKE_V8_BASE 0x7f0000000000ULL
#define FAKE_V8_SIZE 65536

extern const struct v8_constants fake_v8_constants;

struct fake_v8 {
	unsigned char memory[FAKE_V8_SIZE];
	size_t used;
	struct v8_heap heap;
	uint64_t map_of_maps;
	uint64_t undefined;
};

void fake_v8_reset(struct fake_v8 *v8);

uint64_t fake_v8_smi(int32_t value);

/* An object of an instance type with so many words behind its map; a tagged pointer to it. */
uint64_t fake_v8_object(struct fake_v8 *v8, int type, size_t nr_words);

/* Where the object's byte at an offset is. */
void *fake_v8_at(struct fake_v8 *v8, uint64_t object, int32_t offset);
void fake_v8_set(struct fake_v8 *v8, uint64_t object, int32_t offset, uint64_t value);

uint64_t fake_v8_text(struct fake_v8 *v8, const char *text);
uint64_t fake_v8_cons(struct fake_v8 *v8, uint64_t first, uint64_t second, uint32_t length);

/* A ScopeInfo with so many locals, that has a name, and a position behind it. */
uint64_t fake_v8_scope(struct fake_v8 *v8, int nr_locals, uint64_t name, int32_t start);
uint64_t fake_v8_script(struct fake_v8 *v8, uint64_t name, uint64_t source);
uint64_t fake_v8_function(struct fake_v8 *v8, uint64_t name_or_scope, uint64_t script);

#endif
