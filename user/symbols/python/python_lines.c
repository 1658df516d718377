/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Entries one after the other, each for a few instructions: a first byte, which alone has its
 * highest bit set, says for how many, and in which form the rest of it is. Lines are differences.
 */
#include "symbols/python/python_lines.h"

#include <stdbool.h>

#define ENTRY_BEGINS 0x80
#define UNIT 2 /* bytes of an instruction */
#define MORE 0x40
#define VARINT_BITS 6
#define VARINT_MAX_SHIFT 30

/* Forms; 0 to 9: columns alone. */
#define FORM_SAME_LINE 10 /* to 12: that many lines on */
#define FORM_NO_COLUMNS 13
#define FORM_LONG 14
#define FORM_NO_LINE 15

struct cursor {
	const unsigned char *at, *end;
};

/* The number at the cursor, 0 if the entry ends there. Its lowest bit is its sign. */
static int64_t read_signed(struct cursor cursor)
{
	uint64_t value = 0;

	for (int shift = 0;
	     cursor.at < cursor.end && !(*cursor.at & ENTRY_BEGINS) && shift <= VARINT_MAX_SHIFT;
	     shift += VARINT_BITS) {
		value |= (uint64_t)(*cursor.at & (MORE - 1)) << shift;
		if (!(*cursor.at++ & MORE))
			break;
	}
	return value & 1 ? -(int64_t)(value >> 1) : (int64_t)(value >> 1);
}

static int64_t line_difference(unsigned int form, struct cursor cursor)
{
	if (form == FORM_NO_COLUMNS || form == FORM_LONG)
		return read_signed(cursor);
	if (form >= FORM_SAME_LINE && form < FORM_NO_COLUMNS)
		return form - FORM_SAME_LINE;
	return 0;
}

uint32_t python_line(const unsigned char *table, size_t size, int32_t first_line,
		     uint32_t instruction)
{
	struct cursor cursor = {table, table + size};
	int64_t line = first_line;
	uint64_t end = 0;

	while (cursor.at < cursor.end && *cursor.at & ENTRY_BEGINS) {
		unsigned int first = *cursor.at++, form = first >> 3 & 15;

		end += (uint64_t)((first & 7) + 1) * UNIT;
		line += line_difference(form, cursor);
		if (instruction < end)
			return form != FORM_NO_LINE && line > 0 && line <= INT32_MAX
				       ? (uint32_t)line
				       : 0;
		while (cursor.at < cursor.end && !(*cursor.at & ENTRY_BEGINS))
			cursor.at++;
	}
	return 0;
}
