/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Six bits a character, handed on by eight. */
#include "base/base64.h"

#include <errno.h>
#include <string.h>

#define SPACES " \t\r\n"

static int digit_of(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

int base64_decode(const char *text, struct buffer *out)
{
	unsigned int bits = 0, nr_bits = 0;

	/* at once: it may be a key, of which growing would leave copies */
	if (buffer_reserve(out, strlen(text) / 4 * 3 + 3))
		return out->error;
	for (; *text && *text != '='; text++) {
		int digit = digit_of(*text);
		unsigned char byte;

		if (strchr(SPACES, *text))
			continue;
		if (digit < 0)
			return -EBADMSG;
		bits = bits << 6 | (unsigned int)digit;
		nr_bits += 6;
		if (nr_bits < 8)
			continue;
		nr_bits -= 8;
		byte = (unsigned char)(bits >> nr_bits);
		if (buffer_append(out, &byte, 1))
			return out->error;
	}
	return text[strspn(text, "=" SPACES)] ? -EBADMSG : 0;
}
