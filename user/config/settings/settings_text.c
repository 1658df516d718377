/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Values from one text, as the environment, the command line and the table's
 * defaults have them: lists with commas; pairs as OTEL_RESOURCE_ATTRIBUTES and
 * OTEL_EXPORTER_OTLP_HEADERS are written, k=v,k2=v2 with percent-encoding.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "config/settings/settings_load.h"

#define SPACES " \t"

/* Cuts spaces at both ends, in place. */
static char *trim(char *text)
{
	size_t length;

	text += strspn(text, SPACES);
	length = strlen(text);
	while (length && strchr(SPACES, text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)tolower((unsigned char)c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* In place. False: a % without two digits, or a NUL. */
static bool percent_decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		int high, low;

		if (*from != '%') {
			*to++ = *from;
			continue;
		}
		high = hex_digit(from[1]);
		low = high < 0 ? -1 : hex_digit(from[2]);
		if (low < 0 || !(high << 4 | low))
			return false;
		*to++ = (char)(high << 4 | low);
		from += 2;
	}
	*to = '\0';
	return true;
}

static int add_pair(struct settings_loader *loader, char *text, const struct settings_place *place,
		    struct settings_value *value)
{
	char *equals = strchr(text, '='), *name, *item;

	if (!equals) {
		settings_fail(loader, place, "is not written as name=value,name2=value2");
		return -EINVAL;
	}
	*equals = '\0';
	name = trim(text);
	item = trim(equals + 1);
	if (!percent_decode(name) || !percent_decode(item)) {
		settings_fail(loader, place,
			      "holds a %% that is not followed by two hexadecimal digits: "
			      "write %%25 for the character itself");
		return -EINVAL;
	}
	return settings_value_add(value, name, item, place);
}

static int add_parts(struct settings_loader *loader, const struct setting_key *key, char *text,
		     const struct settings_place *place, struct settings_value *value)
{
	bool pairs = setting_shape(key->type) == SHAPE_PAIRS;

	for (char *rest = text, *part; (part = strsep(&rest, ","));) {
		int r;

		part = trim(part);
		if (pairs && !*part)
			continue; /* as after a last comma */
		if (value->nr == SETTINGS_MAX_ITEMS) {
			settings_fail(loader, place, "has more than %d items", SETTINGS_MAX_ITEMS);
			return -EINVAL;
		}
		r = pairs ? add_pair(loader, part, place, value)
			  : settings_value_add(value, NULL, part, place);
		if (r)
			return r;
	}
	return 0;
}

int settings_value_of_text(struct settings_loader *loader, const struct setting_key *key,
			   const char *text, const struct settings_place *place,
			   struct settings_value *ret_value)
{
	_cleanup_(settings_value_done) struct settings_value value = {.place = *place};
	_cleanup_(freep) char *copy = strdup(text);
	int r = 0;

	if (!copy)
		return -ENOMEM;
	if (setting_shape(key->type) == SHAPE_SCALAR)
		r = settings_value_add(&value, NULL, text, place);
	else if (*trim(copy))
		r = add_parts(loader, key, copy, place, &value);
	if (r)
		return r;
	*ret_value = value;
	value = (struct settings_value){};
	return 0;
}
