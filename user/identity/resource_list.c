/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The list of OTEL_RESOURCE_ATTRIBUTES. Keys and values may be percent-encoded, as the
 * specification of resources has it, and one error discards the whole.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/resource.h"

/* In place: what is decoded is never longer. */
static int decode_percent(char *text)
{
	char *to = text;

	for (const char *from = text; *from; to++) {
		char digits[3] = "";

		if (*from != '%') {
			*to = *from++;
			continue;
		}
		if (!isxdigit((unsigned char)from[1]) || !isxdigit((unsigned char)from[2]))
			return -EINVAL;
		memcpy(digits, from + 1, 2);
		*to = (char)strtol(digits, NULL, 16);
		if (!*to)
			return -EINVAL;
		from += 3;
	}
	*to = '\0';
	return 0;
}

static char *trim(char *text)
{
	char *end;

	text += strspn(text, " \t");
	end = text + strlen(text);
	while (end > text && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	*end = '\0';
	return text;
}

static int put_pair(struct attributes *set, char *pair)
{
	char *value = strchr(pair, '='), *key;
	int r;

	if (!value)
		return -EINVAL;
	*value++ = '\0';
	key = trim(pair);
	value = trim(value);
	if (decode_percent(key) || decode_percent(value))
		return -EINVAL;
	r = attributes_put_text(set, key, value);
	return r == -E2BIG ? 0 : r;
}

static int parse(char *text, struct attributes *set)
{
	char *pair;

	while ((pair = strsep(&text, ","))) {
		int r;

		if (!*trim(pair))
			continue; /* a comma too many does no harm */
		r = put_pair(set, pair);
		if (r)
			return r;
	}
	return 0;
}

int resource_parse_list(const char *text, struct attributes *set)
{
	_cleanup_(freep) char *copy = strdup(text);
	struct attributes parsed = {};
	int r;

	if (!copy)
		return -ENOMEM;
	r = parse(copy, &parsed);
	for (size_t i = 0; !r && i < parsed.nr; i++) {
		r = attributes_put(set, &parsed.items[i]);
		if (r == -E2BIG)
			r = 0;
	}
	attributes_done(&parsed);
	return r;
}
