/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A load: defaults, then each layer over those before, then what takes all of them. */
#include "config/settings/settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/label_selector.h"
#include "config/settings/settings_load.h"

static void free_field(const struct setting_key *key, void *base)
{
	void *field = (char *)base + key->offset;

	switch (setting_shape(key->type)) {
	case SHAPE_SCALAR:
		if (key->type >= SETTING_TEXT)
			free(*(char **)field);
		break;
	case SHAPE_LIST:
		if (key->type != SETTING_BOUNDS)
			text_list_done(field);
		break;
	case SHAPE_PAIRS:
		text_pairs_done(field);
		break;
	case SHAPE_ITEMS:
		break; /* lists of structs are freed by name */
	}
}

static void free_fields(const char *scope, void *base)
{
	for (size_t i = 0; i < nr_setting_keys; i++) {
		if (setting_key_in_scope(&setting_keys[i], scope))
			free_field(&setting_keys[i], base);
	}
}

static void free_matches(struct target_match *matches, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		free_fields("targets[].include[]", &matches[i]);
		label_selector_free(matches[i].selector);
	}
	free(matches);
}

void settings_free(struct settings *settings)
{
	if (!settings)
		return;
	for (size_t i = 0; i < settings->nr_groups; i++) {
		struct target_group *group = &settings->groups[i];

		free_matches(group->include, group->nr_include);
		free_matches(group->exclude, group->nr_exclude);
		free_fields("targets[]", group);
	}
	free(settings->groups);
	free_fields("", settings);
	free(settings);
}

static void loader_done(struct settings_loader *loader)
{
	settings_free(loader->settings);
	for (size_t i = 0; i < loader->nr_faults; i++)
		free(loader->faults[i].message);
	free(loader->faults);
}

/* `text` NULL: the file. */
static int load(const struct settings_sources *sources, const char *text, size_t size,
		struct settings **ret_settings, struct settings_errors *ret_errors)
{
	_cleanup_(loader_done) struct settings_loader loader = {.sources = sources};
	int r;

	loader.settings = calloc(1, sizeof(*loader.settings));
	if (!loader.settings)
		return -ENOMEM;
	settings_set_defaults(&loader, "", loader.settings);
	if (loader.error)
		return loader.error;
	if (text)
		settings_read_text(&loader, text, size);
	else if (sources->file)
		settings_read_file(&loader);
	settings_read_environment(&loader);
	settings_read_flags(&loader);
	if (loader.error != -ENOMEM)
		settings_finish(&loader);
	if (loader.error == -ENOMEM)
		return loader.error;
	if (loader.nr_faults) {
		r = settings_report(&loader, ret_errors);
		return r ?: loader.error ?: -EINVAL;
	}
	*ret_settings = TAKE_PTR(loader.settings);
	return 0;
}

int settings_load(const struct settings_sources *sources, struct settings **ret_settings,
		  struct settings_errors *ret_errors)
{
	return load(sources, NULL, 0, ret_settings, ret_errors);
}

int settings_load_text(const struct settings_sources *sources, const char *text, size_t size,
		       struct settings **ret_settings, struct settings_errors *ret_errors)
{
	return load(sources, text, size, ret_settings, ret_errors);
}
