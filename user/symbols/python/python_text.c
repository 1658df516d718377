/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts of Python: characters of one, two or four bytes, whichever its highest one needs. */
#include <errno.h>
#include <string.h>

#include "symbols/python/python_memory.h"

#define PIECE 256

/* Bytes of a path that are no UTF-8 are kept so. */
#define ESCAPE_FIRST 0xdc80
#define ESCAPE_LAST 0xdcff

static size_t put_utf8(uint32_t c, char *to)
{
	if (c < 0x80 || (c >= ESCAPE_FIRST && c <= ESCAPE_LAST)) {
		to[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		to[0] = (char)(0xc0 | c >> 6);
		to[1] = (char)(0x80 | (c & 63));
		return 2;
	}
	if (c < 0x10000) {
		to[0] = (char)(0xe0 | c >> 12);
		to[1] = (char)(0x80 | (c >> 6 & 63));
		to[2] = (char)(0x80 | (c & 63));
		return 3;
	}
	to[0] = (char)(0xf0 | (c >> 18 & 7));
	to[1] = (char)(0x80 | (c >> 12 & 63));
	to[2] = (char)(0x80 | (c >> 6 & 63));
	to[3] = (char)(0x80 | (c & 63));
	return 4;
}

static uint32_t character_at(const unsigned char *bytes, uint32_t kind, size_t i)
{
	uint16_t two;
	uint32_t four;

	if (kind == 1)
		return bytes[i];
	if (kind == 2) {
		memcpy(&two, bytes + i * 2, 2);
		return two;
	}
	memcpy(&four, bytes + i * 4, 4);
	return four;
}

/* Stops where the next character might not fit. */
static int read_characters(const struct process *process, uint64_t address, uint32_t kind,
			   uint64_t length, char *to, size_t size)
{
	unsigned char bytes[PIECE * 4];
	size_t used = 0;

	while (length && used + 4 < size) {
		size_t n = length < PIECE ? length : PIECE;
		int r = process_read(process, address, bytes, n * kind);

		if (r)
			return r;
		for (size_t i = 0; i < n && used + 4 < size; i++)
			used += put_utf8(character_at(bytes, kind, i), to + used);
		address += n * kind;
		length -= n;
	}
	to[used] = '\0';
	return (int)used;
}

ssize_t python_text_read(const struct process *process, const struct python_runtime *runtime,
			 uint64_t string, char *to, size_t size)
{
	const struct python_walk walk = {.runtime = runtime, .context = process};
	uint64_t length = 0;
	uint32_t state = 0, kind;

	if (!string ||
	    PYTHON_READ(process, &length, sizeof(length),
			python_address(&walk, string, PYTHON_AT_STRING_LENGTH)) ||
	    PYTHON_READ(process, &state, sizeof(state),
			python_address(&walk, string, PYTHON_AT_STRING_STATE)))
		return -EFAULT;
	state >>= runtime->offsets[PYTHON_STRING_KIND_SHIFT] & 31;
	kind = state & PYTHON_STRING_KIND;
	if (!(state & PYTHON_STRING_COMPACT) || (kind != 1 && kind != 2 && kind != 4))
		return -EBADMSG;
	return read_characters(process,
			       python_address(&walk, string,
					      state & PYTHON_STRING_ASCII ? PYTHON_AT_STRING_ASCII
									  : PYTHON_AT_STRING_WIDE),
			       kind, length, to, size);
}
