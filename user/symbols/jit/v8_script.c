/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines of a script. V8 keeps where they end once somebody has asked for a line, as an error's
 * stack does; until then the script's source is counted through.
 */
#include <errno.h>

#include "symbols/jit/v8_function.h"

#define MAX_LINES (1 << 24)
#define MAX_SOURCE (8 * 1024 * 1024) /* bytes counted through at most */
#define PIECE 4096                   /* characters */

/* Lines of a script that was cut out of a larger file, as of a page, begin at another number. */
#define MAX_FIRST_LINE (1 << 24)

struct counting {
	uint32_t lines;
	bool after_return; /* the last character was one, which may begin CR LF */
};

static void count_one(struct counting *counting, uint32_t c)
{
	bool is_end =
		c == '\r' || (c == '\n' && !counting->after_return) || c == 0x2028 || c == 0x2029;

	counting->lines += is_end;
	counting->after_return = c == '\r';
}

static int count_piece(struct v8_heap *heap, const struct v8_flat *flat, uint32_t at, uint32_t nr,
		       struct counting *counting)
{
	union {
		unsigned char latin1[PIECE];
		uint16_t utf16[PIECE];
	} piece;
	int r = v8_read(heap, flat->address + (uint64_t)at * flat->width, &piece,
			(size_t)nr * flat->width);

	for (uint32_t i = 0; r == 0 && i < nr; i++)
		count_one(counting, flat->width == 1 ? piece.latin1[i] : piece.utf16[i]);
	return r;
}

/* How many lines end before a position; -errno. */
static int64_t count_in_source(struct v8_heap *heap, uint64_t script, uint32_t position)
{
	struct counting counting = {};
	struct v8_flat flat;
	uint64_t source;
	int r = v8_field(heap, script, heap->constants->script_source, &source);

	if (r == 0)
		r = v8_string_flat(heap, source, &flat);
	if (r)
		return r;
	if (position > flat.length || (uint64_t)position * flat.width > MAX_SOURCE)
		return -EINVAL;
	for (uint32_t at = 0; at < position && r == 0; at += PIECE) {
		uint32_t nr = position - at < PIECE ? position - at : PIECE;

		r = count_piece(heap, &flat, at, nr, &counting);
	}
	return r ? r : (int64_t)counting.lines;
}

/* The same by where lines end: the first not to end before it. -ENOENT: they are not kept. */
static int64_t count_in_line_ends(struct v8_heap *heap, uint64_t script, uint32_t position)
{
	const struct v8_constants *constants = heap->constants;
	uint64_t ends, value;
	int32_t low = 0, high;
	int r = v8_field(heap, script, constants->script_line_ends, &ends);

	if (r || v8_type(heap, ends) != constants->array_type)
		return r ? r : -ENOENT;
	r = v8_field(heap, ends, constants->array_length, &value);
	if (r || !v8_is_smi(value) || v8_smi(value) <= 0 || v8_smi(value) > MAX_LINES)
		return r ? r : -ENOENT;
	high = v8_smi(value);
	while (low < high) {
		int32_t middle = low + (high - low) / 2;

		r = v8_field(heap, ends, constants->array_data + middle * (int32_t)sizeof(value),
			     &value);
		if (r || !v8_is_smi(value))
			return r ? r : -EINVAL;
		if (v8_smi(value) < (int64_t)position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Where the script's first line is in its file stands behind its name. */
static uint32_t first_line(struct v8_heap *heap, uint64_t script)
{
	uint64_t value;

	if (v8_field(heap, script, heap->constants->script_name + (int32_t)sizeof(value), &value) ||
	    !v8_is_smi(value) || v8_smi(value) < 0 || v8_smi(value) > MAX_FIRST_LINE)
		return 0;
	return v8_smi(value);
}

uint32_t v8_script_line(struct v8_heap *heap, uint64_t script, uint32_t position)
{
	int64_t line;

	if (position == UINT32_MAX)
		return 0;
	line = count_in_line_ends(heap, script, position);
	if (line < 0)
		line = count_in_source(heap, script, position);
	return line < 0 ? 0 : (uint32_t)line + first_line(heap, script) + 1;
}
