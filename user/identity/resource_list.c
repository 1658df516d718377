/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The list of OTEL_RESOURCE_ATTRIBUTES. Keys and values may be percent-encoded, as the
 * specification of resources has it, and one error discards the whole.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/percent.h"
#include "identity/resource.h"

static int put_pair(struct attributes *set, char *pair)
{
	char *key, *value;
	int r = percent_decode_pair(pair, &key, &value);

	if (r)
		return -EINVAL;
	r = attributes_put_text(set, key, value);
	return r == -E2BIG ? 0 : r;
}

static int parse(char *text, struct attributes *set)
{
	char *pair;

	while ((pair = strsep(&text, ","))) {
		int r;

		if (!*trim_blanks(pair))
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
