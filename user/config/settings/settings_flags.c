/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line: pairs of a key's path and a text. Nothing secret is taken from it. */
#include <errno.h>
#include <string.h>

#include "config/settings/settings_load.h"

static void fail_unknown(struct settings_loader *loader, const char *path,
			 const struct settings_place *place)
{
	_cleanup_(buffer_done) struct buffer suggestion = {};
	bool is_section = setting_is_section(path);
	char quoted[SETTINGS_QUOTED_LEN];

	if (is_section)
		setting_suggest(path, "", &suggestion);
	else
		setting_suggest("", path, &suggestion);
	if (suggestion.error)
		loader->error = suggestion.error;
	settings_fail(loader, place, "%s%s%s%.*s", is_section ? "" : "unknown key ",
		      settings_quote_text(path, quoted),
		      is_section
			      ? " is a section, of which a key can be set, as in SECTION.KEY=VALUE"
			      : "",
		      (int)suggestion.size, (const char *)suggestion.data);
}

/* Why it cannot be taken from a command line; NULL: it can. */
static const char *refusal(const struct setting_key *key, const char *text)
{
	if (strchr(key->path, '[') || setting_shape(key->type) == SHAPE_ITEMS)
		return "cannot be set on the command line: write it into the file";
	if (key->secret || (key->type == SETTING_PROXY && strchr(text, '@')))
		return "may be secret, and every user of the machine can read command lines: "
		       "write it into the file, as ${NAME} or file:/path";
	return NULL;
}

void settings_read_flags(struct settings_loader *loader)
{
	const struct text_pairs *flags = &loader->sources->flags;

	for (size_t i = 0; i < flags->nr; i++) {
		const struct text_pair *flag = &flags->items[i];
		const struct setting_key *key = setting_key_find(flag->key);
		struct settings_place place = {.layer = LAYER_FLAGS};
		const char *refused;

		if (!key) {
			fail_unknown(loader, flag->key, &place);
			continue;
		}
		snprintf(place.label, sizeof(place.label), "%s", key->path);
		refused = refusal(key, flag->value);
		if (refused) {
			settings_fail(loader, &place, "%s", refused);
			continue;
		}
		if (key->type == SETTING_ENDPOINT)
			loader->endpoint_kind = ENDPOINT_OF_KEY;
		settings_set_text(loader, key, loader->settings, flag->value, &place);
	}
}
