/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values that are lists. */
#include <errno.h>
#include <string.h>

#include "config/glob.h"
#include "config/number.h"
#include "config/settings/settings_load.h"

/* False: reported. */
static bool parse_bound(struct settings_loader *loader, const struct setting_key *key,
			const struct settings_item *item, double *ret_bound)
{
	char quoted[SETTINGS_QUOTED_LEN];
	int r = number_parse_decimal(item->text, key->min, key->max, ret_bound);

	if (r == -EINVAL)
		settings_fail(loader, &item->place,
			      "%s is not a number of milliseconds; allowed: %.10g to %.10g",
			      settings_quote(key, item, quoted), key->min, key->max);
	else if (r)
		settings_fail_range(loader, key, item);
	return !r;
}

void settings_set_bounds(struct settings_loader *loader, const struct setting_key *key, void *base,
			 const struct settings_value *value)
{
	double bounds[SETTINGS_MAX_BOUNDS], *to = (void *)((char *)base + key->offset);
	size_t nr = 0;

	if (!value->nr || value->nr > SETTINGS_MAX_BOUNDS) {
		settings_fail(loader, &value->place, "has %zu items; allowed: 1 to %d", value->nr,
			      SETTINGS_MAX_BOUNDS);
		return;
	}
	for (size_t i = 0; i < value->nr; i++) {
		const struct settings_item *item = &value->items[i];
		char quoted[SETTINGS_QUOTED_LEN];

		if (!parse_bound(loader, key, item, &bounds[nr]))
			continue;
		if (nr && !(bounds[nr] > bounds[nr - 1]))
			settings_fail(loader, &item->place,
				      "%s is not above the bound before it: bounds ascend",
				      settings_quote(key, item, quoted));
		nr++;
	}
	if (nr < value->nr)
		return;
	memcpy(to, bounds, nr * sizeof(*bounds));
	*(size_t *)((char *)base + key->nr_offset) = nr;
}

static bool is_twice(const struct settings_value *value, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (!strcmp(value->items[i].text, value->items[at].text))
			return true;
	}
	return false;
}

static const char *name_fault(const char *text)
{
	return *text ? NULL : "must not be empty";
}

static void set_list(struct settings_loader *loader, const struct setting_key *key, void *base,
		     const struct settings_value *value, const char *(*find_fault)(const char *))
{
	_cleanup_(text_list_done) struct text_list list = {};
	struct text_list *to = (void *)((char *)base + key->offset);
	bool good = true;

	for (size_t i = 0; i < value->nr; i++) {
		const struct settings_item *item = &value->items[i];
		const char *fault = find_fault(item->text);
		char quoted[SETTINGS_QUOTED_LEN];

		if (!fault && strlen(item->text) > (size_t)key->max)
			fault = "is too long";
		if (!fault && is_twice(value, i))
			fault = "is in the list twice";
		if (fault) {
			settings_fail(loader, &item->place, "%s %s",
				      settings_quote(key, item, quoted), fault);
			good = false;
		} else if (text_list_add(&list, item->text)) {
			loader->error = -ENOMEM;
			return;
		}
	}
	if (!good)
		return;
	text_list_done(to);
	*to = list;
	list = (struct text_list){};
}

void settings_set_names(struct settings_loader *loader, const struct setting_key *key, void *base,
			const struct settings_value *value)
{
	set_list(loader, key, base, value, name_fault);
}

void settings_set_globs(struct settings_loader *loader, const struct setting_key *key, void *base,
			const struct settings_value *value)
{
	set_list(loader, key, base, value, glob_fault);
}
