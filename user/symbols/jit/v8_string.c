/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Strings of V8: in a row on the heap or outside of it, a slice of another, another under a new
 * map (thin), or two in a row (cons), nested at will. Followed without recursion.
 */
#include "symbols/jit/v8_heap.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"

#define MAX_STEPS 64          /* from string to string */
#define MAX_PENDING 32        /* second halves yet to come */
#define MAX_LENGTH (1U << 30) /* V8 has none longer */
#define PIECE 256             /* characters read at once */

#define EXTERNAL_UNCACHED 0x10 /* of an instance type: where the characters are is not kept */

struct text {
	char *to;
	size_t size, length;
	bool full;
};

/* Appends a character; one that does not fit is the last that is tried. */
static void text_put(struct text *text, uint32_t c)
{
	char bytes[4];
	size_t n = 0;

	if (c == 0)
		c = 0xfffd;
	if (c < 0x80) {
		bytes[n++] = (char)c;
	} else if (c < 0x800) {
		bytes[n++] = (char)(0xc0 | c >> 6);
		bytes[n++] = (char)(0x80 | (c & 0x3f));
	} else if (c < 0x10000) {
		bytes[n++] = (char)(0xe0 | c >> 12);
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (c & 0x3f));
	} else {
		bytes[n++] = (char)(0xf0 | c >> 18);
		bytes[n++] = (char)(0x80 | (c >> 12 & 0x3f));
		bytes[n++] = (char)(0x80 | (c >> 6 & 0x3f));
		bytes[n++] = (char)(0x80 | (c & 0x3f));
	}
	text->full = text->full || text->length + n >= text->size;
	if (text->full)
		return;
	memcpy(text->to + text->length, bytes, n);
	text->length += n;
}

/* Two halves of a character make one; a half alone is none. */
static void text_put_utf16(struct text *text, const uint16_t *units, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		bool is_high = units[i] >= 0xd800 && units[i] < 0xdc00;
		bool is_low = units[i] >= 0xdc00 && units[i] < 0xe000;

		if (is_high && i + 1 < nr && units[i + 1] >= 0xdc00 && units[i + 1] < 0xe000) {
			text_put(text,
				 0x10000 + ((units[i] - 0xd800U) << 10) + (units[i + 1] - 0xdc00U));
			i++;
		} else {
			text_put(text, is_high || is_low ? 0xfffd : units[i]);
		}
	}
}

static int put_flat(struct v8_heap *heap, const struct v8_flat *flat, struct text *text)
{
	union {
		unsigned char latin1[PIECE];
		uint16_t utf16[PIECE];
	} piece;

	for (uint32_t at = 0; at < flat->length && !text->full; at += PIECE) {
		uint32_t nr = flat->length - at < PIECE ? flat->length - at : PIECE;
		int r = v8_read(heap, flat->address + (uint64_t)at * flat->width, &piece,
				(size_t)nr * flat->width);

		if (r)
			return r;
		if (flat->width == 2)
			text_put_utf16(text, piece.utf16, nr);
		for (uint32_t i = 0; flat->width == 1 && i < nr; i++)
			text_put(text, piece.latin1[i]);
	}
	return 0;
}

static int string_length(struct v8_heap *heap, uint64_t string, uint32_t *ret_length)
{
	int r = v8_read(heap, string - 1 + heap->constants->string_length, ret_length,
			sizeof(*ret_length));

	return r == 0 && *ret_length > MAX_LENGTH ? -EINVAL : r;
}

/* Where the characters of one outside of the heap are stands behind who owns them. */
static int find_chars(struct v8_heap *heap, uint64_t string, int type, struct v8_flat *flat)
{
	const struct v8_constants *constants = heap->constants;
	int tag = type & constants->representation_mask;

	flat->width = (type & constants->encoding_mask) == constants->one_byte_tag ? 1 : 2;
	if (tag == constants->seq_tag) {
		flat->address =
			string - 1 +
			(flat->width == 1 ? constants->one_byte_chars : constants->two_byte_chars);
		return 0;
	}
	if (tag != constants->external_tag || type & EXTERNAL_UNCACHED)
		return -EINVAL;
	return v8_field(heap, string, constants->external_resource + (int32_t)sizeof(uint64_t),
			&flat->address);
}

/*
 * Goes from slices and thin strings to the one that has the characters, or to a cons. `from` and
 * `length` come with what is wanted of the string, all of it if `length` is UINT32_MAX. The type,
 * -errno.
 */
static int resolve(struct v8_heap *heap, uint64_t *string, uint32_t *from, uint32_t *length)
{
	const struct v8_constants *constants = heap->constants;

	for (int step = 0; step < MAX_STEPS; step++) {
		int type = v8_type(heap, *string), tag, r;
		uint32_t whole;
		uint64_t value;

		if (!v8_is_string_type(heap, type))
			return type < 0 ? type : -EINVAL;
		r = string_length(heap, *string, &whole);
		if (r)
			return r;
		if (*length == UINT32_MAX)
			*length = whole;
		if (*from > whole || *length > whole - *from)
			return -EINVAL;
		tag = type & constants->representation_mask;
		if (tag == constants->sliced_tag) {
			r = v8_field(heap, *string, constants->sliced_offset, &value);
			if (r || !v8_is_smi(value) || v8_smi(value) < 0 ||
			    (uint32_t)v8_smi(value) > MAX_LENGTH)
				return r ? r : -EINVAL;
			*from += v8_smi(value);
			r = v8_field(heap, *string, constants->sliced_parent, string);
		} else if (tag == constants->thin_tag) {
			r = v8_field(heap, *string, constants->thin_actual, string);
		} else {
			return type;
		}
		if (r)
			return r;
	}
	return -EINVAL;
}

/* The string's own characters, or -EINVAL for one of two halves; its type goes to `ret_type`. */
static int flat_of(struct v8_heap *heap, uint64_t *string, struct v8_flat *ret_flat, int *ret_type)
{
	uint32_t from = 0, length = UINT32_MAX;
	struct v8_flat flat;
	int r;

	*ret_type = resolve(heap, string, &from, &length);
	if (*ret_type < 0)
		return *ret_type;
	r = find_chars(heap, *string, *ret_type, &flat);
	if (r)
		return r;
	flat.address += (uint64_t)from * flat.width;
	flat.length = length;
	*ret_flat = flat;
	return 0;
}

int v8_string_flat(struct v8_heap *heap, uint64_t string, struct v8_flat *ret_flat)
{
	int type;

	return flat_of(heap, &string, ret_flat, &type);
}

/* Puts a string that is flat, or leaves the second half for later and goes on with the first. */
static int put_next(struct v8_heap *heap, uint64_t *pending, size_t *nr, struct text *text)
{
	uint64_t string = pending[--*nr];
	struct v8_flat flat;
	int type, r = flat_of(heap, &string, &flat, &type);

	if (r == 0)
		return put_flat(heap, &flat, text);
	if (type < 0 ||
	    (type & heap->constants->representation_mask) != heap->constants->cons_tag ||
	    *nr + 2 > MAX_PENDING)
		return r;
	r = v8_field(heap, string, heap->constants->cons_second, &pending[*nr]);
	if (r == 0)
		r = v8_field(heap, string, heap->constants->cons_first, &pending[*nr + 1]);
	*nr += 2;
	return r;
}

int v8_string_text(struct v8_heap *heap, uint64_t string, char *to, size_t size)
{
	struct text text = {.to = to, .size = size};
	uint64_t pending[MAX_PENDING] = {string};
	size_t nr = 1;

	for (int step = 0; nr && !text.full; step++) {
		int r = step < MAX_STEPS ? put_next(heap, pending, &nr, &text) : -EINVAL;

		if (r)
			return r;
	}
	to[text.length] = '\0';
	return (int)text.length;
}
