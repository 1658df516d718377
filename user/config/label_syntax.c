/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Characters and lengths of labels. */
#include "config/label_syntax.h"

#include <ctype.h>
#include <string.h>

#define MAX_NAME 63    /* of a key without its prefix, or of a value */
#define MAX_PREFIX 253 /* of a key: a DNS name */

static bool is_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool inside = i > 0 && i + 1 < length;

		if (!isascii(text[i]) || !(isalnum(text[i]) || (inside && strchr("-_.", text[i]))))
			return false;
	}
	return length && length <= MAX_NAME;
}

static bool is_dns_name(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		bool first = i == 0 || text[i - 1] == '.';
		bool last = i + 1 == length || text[i + 1] == '.';

		if (!isascii(text[i]) || !(islower(text[i]) || isdigit(text[i]) ||
					   (!first && !last && strchr("-.", text[i]))))
			return false;
	}
	return length && length <= MAX_PREFIX;
}

bool label_is_key(const char *text, size_t length)
{
	const char *slash = memchr(text, '/', length);
	size_t prefix = slash ? (size_t)(slash - text) : 0, skipped = slash ? prefix + 1 : 0;

	return (!slash || is_dns_name(text, prefix)) && is_name(text + skipped, length - skipped);
}

bool label_is_value(const char *text, size_t length)
{
	return !length || is_name(text, length);
}
