/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Objects of V8's heap, read from outside while they may move: whoever follows a pointer asks for
 * the type of what is there first. Memory comes by a function, so that tests can make it up.
 * Tagged values are a pointer with its lowest bit set, or a small integer in the upper half.
 */
#ifndef LOOPSCOPE_V8_HEAP_H
#define LOOPSCOPE_V8_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols/jit/v8_constants.h"

struct v8_heap {
	const struct v8_constants *constants;
	/* All of the bytes, or -EFAULT. */
	int (*read)(void *context, uint64_t address, void *to, size_t size);
	void *context;
	size_t budget; /* bytes that may be read yet: -E2BIG when it is used up */
};

/* Characters that lie in a row. */
struct v8_flat {
	uint64_t address;
	uint32_t length;
	uint32_t width; /* bytes each: 1, of Latin-1; 2, of UTF-16 */
};

int v8_read(struct v8_heap *heap, uint64_t address, void *to, size_t size);

bool v8_is_object(uint64_t value);
bool v8_is_smi(uint64_t value);
int32_t v8_smi(uint64_t value);

/* The word at an offset of an object. -EINVAL: it is no object; -EFAULT. */
int v8_field(struct v8_heap *heap, uint64_t object, int32_t offset, uint64_t *ret_value);

/* An object's instance type; -EINVAL: it is none, or what it says is its map is none; -EFAULT. */
int v8_type(struct v8_heap *heap, uint64_t object);
bool v8_is_string_type(const struct v8_heap *heap, int type);

/* Where the characters of a string are: -EINVAL if they do not lie in a row. */
int v8_string_flat(struct v8_heap *heap, uint64_t string, struct v8_flat *ret_flat);

/*
 * A string as UTF-8, terminated, cut at a character to fit; NUL in it is shown as U+FFFD. Its
 * length; -EINVAL, -EFAULT: it is none that could be read.
 */
int v8_string_text(struct v8_heap *heap, uint64_t string, char *to, size_t size);

#endif
