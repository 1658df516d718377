/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The well-formed sequences of the Unicode standard, table 3-7. */
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

/* A range of first bytes; the second byte's range; how many bytes in all. */
static const struct sequence {
	unsigned char first_low, first_high;
	unsigned char second_low, second_high;
	size_t length;
} sequences[] = {
	{0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

/* The length of the character at text, 0 if there is none. */
static size_t utf8_length(const unsigned char *text)
{
	for (size_t i = 0; i < sizeof(sequences) / sizeof(*sequences); i++) {
		const struct sequence *sequence = &sequences[i];
		size_t length = 2;

		if (*text < sequence->first_low || *text > sequence->first_high)
			continue;
		if (sequence->length == 1)
			return 1;
		if (text[1] < sequence->second_low || text[1] > sequence->second_high)
			return 0;
		while (length < sequence->length && (text[length] & 0xc0) == 0x80)
			length++;
		return length == sequence->length ? length : 0;
	}
	return 0;
}

void utf8_repair(char *buffer, const char *text)
{
	while (*text) {
		size_t length = utf8_length((const unsigned char *)text);

		if (length)
			buffer = mempcpy(buffer, text, length);
		else
			buffer = stpcpy(buffer, REPLACEMENT);
		text += length ?: 1;
	}
	*buffer = '\0';
}

bool utf8_valid(const char *text)
{
	while (*text) {
		size_t length = utf8_length((const unsigned char *)text);

		if (!length)
			return false;
		text += length;
	}
	return true;
}

size_t utf8_cut(const char *text, size_t length, size_t max)
{
	if (length <= max)
		return length;
	length = max;
	while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return length;
}

const char *utf8_text(const char *text, char **ret_copy)
{
	const char *end = text;

	*ret_copy = NULL;
	while ((signed char)*end > 0)
		end++;
	if (!*end)
		return text;
	*ret_copy = malloc(UTF8_REPAIRED_LEN(strlen(text)));
	if (*ret_copy)
		utf8_repair(*ret_copy, text);
	return *ret_copy;
}
