/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Values that are mappings of names to texts: resource attributes, and headers. */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "config/settings/settings_load.h"

#define NAME_MAX_LENGTH 255
#define PAIRS_MAX 64 /* as many as a resource holds */

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

static bool is_there(const struct text_pairs *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->nr; i++) {
		if (!strcmp(pairs->items[i].key, name))
			return true;
	}
	return false;
}

static const char *attribute_fault(const char *name)
{
	if (!*name)
		return "a name must not be empty";
	return strlen(name) > NAME_MAX_LENGTH ? "a name is too long" : NULL;
}

static const char *header_fault(const char *name)
{
	return strlen(name) > NAME_MAX_LENGTH ? "a name is too long"
					      : syntax_header_name_fault(name);
}

/* False: reported. */
static bool add_item(struct settings_loader *loader, const struct setting_key *key,
		     const struct settings_item *item, struct text_pairs *pairs,
		     const char *(*find_fault)(const char *))
{
	const char *fault = find_fault(item->name);

	if (!fault && strlen(item->text) > (size_t)key->max)
		fault = "a value is too long";
	if (!fault && is_there(pairs, item->name))
		fault = "a name is given twice";
	if (!fault && pairs->nr == PAIRS_MAX)
		fault = "more than 64 are given";
	if (fault) {
		settings_fail(loader, &item->place, "%s", fault);
		return false;
	}
	if (text_pairs_add(pairs, item->name, item->text))
		loader->error = -ENOMEM;
	return !loader->error;
}

static void set_pairs(struct settings_loader *loader, const struct setting_key *key, void *base,
		      const struct settings_value *value, const char *(*find_fault)(const char *))
{
	_cleanup_(text_pairs_done) struct text_pairs pairs = {};
	struct text_pairs *to = (void *)((char *)base + key->offset);
	bool good = true;

	for (size_t i = 0; i < value->nr; i++)
		good = add_item(loader, key, &value->items[i], &pairs, find_fault) && good;
	if (!good)
		return;
	text_pairs_done(to);
	*to = pairs;
	pairs = (struct text_pairs){};
}

void settings_set_attributes(struct settings_loader *loader, const struct setting_key *key,
			     void *base, const struct settings_value *value)
{
	set_pairs(loader, key, base, value, attribute_fault);
}

/* Names of headers have no case; HTTP/2 wants them in lower case. */
void settings_set_headers(struct settings_loader *loader, const struct setting_key *key, void *base,
			  const struct settings_value *value)
{
	for (size_t i = 0; i < value->nr; i++)
		lower(value->items[i].name);
	set_pairs(loader, key, base, value, header_fault);
}
