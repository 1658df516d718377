/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Values from one text, as the environment, the command line and the table's
 * defaults have them: lists with commas; pairs as OTEL_RESOURCE_ATTRIBUTES and
 * OTEL_EXPORTER_OTLP_HEADERS are written, k=v,k2=v2 with percent-encoding.
 */
#include <errno.h>
#include <string.h>

#include "base/percent.h"
#include "config/settings/settings_load.h"

static int add_pair(struct settings_loader *loader, char *text, const struct settings_place *place,
		    struct settings_value *value)
{
	char *name, *item;

	switch (percent_decode_pair(text, &name, &item)) {
	case 0:
		return settings_value_add(value, name, item, place);
	case -EINVAL:
		settings_fail(loader, place, "is not written as name=value,name2=value2");
		return -EINVAL;
	default:
		settings_fail(loader, place,
			      "holds a %% that is not followed by two hexadecimal digits: "
			      "write %%25 for the character itself");
		return -EINVAL;
	}
}

static int add_parts(struct settings_loader *loader, const struct setting_key *key, char *text,
		     const struct settings_place *place, struct settings_value *value)
{
	bool pairs = setting_shape(key->type) == SHAPE_PAIRS;

	for (char *rest = text, *part; (part = strsep(&rest, ","));) {
		int r;

		part = trim_blanks(part);
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
	else if (*trim_blanks(copy))
		r = add_parts(loader, key, copy, place, &value);
	if (r)
		return r;
	*ret_value = value;
	value = (struct settings_value){};
	return 0;
}
