/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Decoding by a byte at a time. */
#include "base/percent.h"

#include <errno.h>
#include <string.h>

#define BLANKS " \t"

int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int percent_byte(const char *text)
{
	int high = *text == '%' ? hex_digit(text[1]) : -1;
	int low = high >= 0 ? hex_digit(text[2]) : -1;

	return low >= 0 ? high << 4 | low : -1;
}

bool percent_decode(char *text)
{
	char *to = text;

	while (*text) {
		int byte = *text == '%' ? percent_byte(text) : (unsigned char)*text;

		if (byte <= 0)
			return false;
		text += *text == '%' ? 3 : 1;
		*to++ = (char)byte;
	}
	*to = '\0';
	return true;
}

char *trim_blanks(char *text)
{
	size_t length;

	text += strspn(text, BLANKS);
	length = strlen(text);
	while (length && strchr(BLANKS, text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

int percent_decode_pair(char *text, char **ret_name, char **ret_value)
{
	char *equals = strchr(text, '=');

	if (!equals)
		return -EINVAL;
	*equals = '\0';
	*ret_name = trim_blanks(text);
	*ret_value = trim_blanks(equals + 1);
	return percent_decode(*ret_name) && percent_decode(*ret_value) ? 0 : -EILSEQ;
}
