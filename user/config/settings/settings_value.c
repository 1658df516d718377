/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A value with its key's type: checked, then put into its field. Scalars are here. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/glob.h"
#include "config/label_selector.h"
#include "config/number.h"
#include "config/settings/settings_load.h"

static void item_done(struct settings_item *item)
{
	free(item->name);
	free(item->text);
	free(item->shown);
}

void settings_value_done(struct settings_value *value)
{
	for (size_t i = 0; i < value->nr; i++)
		item_done(&value->items[i]);
	free(value->items);
	*value = (struct settings_value){};
}

int settings_value_add(struct settings_value *value, const char *name, const char *text,
		       const struct settings_place *place)
{
	_cleanup_(freep) char *name_copy = name ? strdup(name) : NULL;
	_cleanup_(freep) char *text_copy = strdup(text);
	struct settings_item *items;

	if (!text_copy || (name && !name_copy))
		return -ENOMEM;
	items = reallocarray(value->items, value->nr + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	value->items = items;
	items[value->nr++] = (struct settings_item){
		.name = TAKE_PTR(name_copy),
		.text = TAKE_PTR(text_copy),
		.place = *place,
	};
	return 0;
}

static void *field(const struct setting_key *key, void *base)
{
	return (char *)base + key->offset;
}

static void set_double(struct settings_loader *loader, const struct setting_key *key, void *base,
		       const struct settings_item *item)
{
	double number;
	int r = number_parse_decimal(item->text, key->min, key->max, &number);

	if (r == -EINVAL)
		settings_fail_type(loader, key, item);
	else if (r)
		settings_fail_range(loader, key, item);
	else
		*(double *)field(key, base) = number;
}

static void set_whole(struct settings_loader *loader, const struct setting_key *key, void *base,
		      const struct settings_item *item)
{
	long number;
	int r = number_parse_whole(item->text, lround(key->min), lround(key->max), &number);

	if (r == -EINVAL)
		settings_fail_type(loader, key, item);
	else if (r)
		settings_fail_range(loader, key, item);
	else if (key->size == sizeof(unsigned int))
		*(unsigned int *)field(key, base) = (unsigned int)number;
	else
		*(size_t *)field(key, base) = (size_t)number;
}

static void set_bool(struct settings_loader *loader, const struct setting_key *key, void *base,
		     const struct settings_item *item)
{
	bool is_true = !strcmp(item->text, "true");

	if (is_true || !strcmp(item->text, "false"))
		*(bool *)field(key, base) = is_true;
	else
		settings_fail_type(loader, key, item);
}

static void set_choice(struct settings_loader *loader, const struct setting_key *key, void *base,
		       const struct settings_item *item)
{
	const struct setting_choice *choice = key->choices;

	while (choice->word && strcmp(choice->word, item->text))
		choice++;
	if (!choice->word)
		settings_fail_type(loader, key, item);
	else if (key->size == sizeof(bool))
		*(bool *)field(key, base) = choice->value;
	else
		*(int *)field(key, base) = choice->value;
}

/* NULL: nothing is wrong with it. */
static const char *text_fault(const struct setting_key *key, const char *text)
{
	if (!*text)
		return key->min > 0 ? "must not be empty" : NULL;
	if (strlen(text) > (size_t)key->max && key->max > 0)
		return "is too long";
	switch (key->type) {
	case SETTING_COMM:
		return syntax_comm_fault(text);
	case SETTING_GLOB:
		return glob_fault(text);
	case SETTING_LISTEN:
		return syntax_listen_fault(text);
	case SETTING_SERVER:
		return syntax_server_fault(text);
	case SETTING_PROXY:
		return syntax_proxy_fault(text);
	case SETTING_PATH:
		return text[strlen(text) - 1] == '/' ? "is a directory, not a file" : NULL;
	default:
		return NULL;
	}
}

/* False: reported. */
static bool parse_selector(struct settings_loader *loader, const struct setting_key *key,
			   struct target_match *match, const struct settings_item *item)
{
	char error[LABEL_SELECTOR_ERROR_LEN], quoted[SETTINGS_QUOTED_LEN];
	struct label_selector *selector = NULL;
	int r = *item->text ? label_selector_parse(item->text, &selector, error) : 0;

	/* the error may quote what ${} brought */
	if (r == -EINVAL)
		settings_fail(loader, &item->place, "%s is not a label selector%s%s",
			      settings_quote(key, item, quoted), item->shown ? "" : ": ",
			      item->shown ? "" : error);
	else if (r)
		loader->error = r;
	if (r)
		return false;
	label_selector_free(match->selector);
	match->selector = selector;
	return true;
}

/* As the field has it: some can be said in two ways. NULL: out of memory. */
static char *own_text(const struct setting_key *key, const char *text)
{
	if (key->type == SETTING_SERVER || key->type == SETTING_ENDPOINT)
		return syntax_bracket_address(text);
	return strdup(key->type == SETTING_LISTEN && !strcmp(text, "none") ? "" : text);
}

static void set_text(struct settings_loader *loader, const struct setting_key *key, void *base,
		     const struct settings_item *item)
{
	char **text = field(key, base), quoted[SETTINGS_QUOTED_LEN];
	_cleanup_(freep) char *own = own_text(key, item->text);
	const char *fault;

	if (!own) {
		loader->error = -ENOMEM;
		return;
	}
	fault = text_fault(key, own);
	if (fault) {
		settings_fail(loader, &item->place, "%s %s", settings_quote(key, item, quoted),
			      fault);
		return;
	}
	if (key->type == SETTING_SELECTOR && !parse_selector(loader, key, base, item))
		return;
	free(*text);
	*text = TAKE_PTR(own);
	if (key->type == SETTING_ENDPOINT)
		loader->endpoint_hidden = item->shown;
}

static void set_scalar(struct settings_loader *loader, const struct setting_key *key, void *base,
		       const struct settings_item *item)
{
	switch (key->type) {
	case SETTING_MS:
	case SETTING_PERCENT:
		set_double(loader, key, base, item);
		break;
	case SETTING_COUNT:
	case SETTING_BYTES:
		set_whole(loader, key, base, item);
		break;
	case SETTING_BOOL:
		set_bool(loader, key, base, item);
		break;
	case SETTING_CHOICE:
		set_choice(loader, key, base, item);
		break;
	default:
		set_text(loader, key, base, item);
		break;
	}
}

/* Takes out items with what no text of any kind may hold; each is reported. */
static void keep_texts(struct settings_loader *loader, const struct setting_key *key,
		       struct settings_value *value)
{
	size_t nr = value->nr;

	value->nr = 0;
	for (size_t i = 0; i < nr; i++) {
		const struct settings_item *item = &value->items[i];
		const char *fault = syntax_text_fault(item->text);
		char quoted[SETTINGS_QUOTED_LEN];

		if (!fault && item->name)
			fault = syntax_text_fault(item->name);
		if (fault) {
			settings_fail(loader, &item->place, "%s %s",
				      settings_quote(key, item, quoted), fault);
			item_done(&value->items[i]);
		} else {
			value->items[value->nr++] = *item;
		}
	}
}

void settings_set(struct settings_loader *loader, const struct setting_key *key, void *base,
		  struct settings_value *value)
{
	size_t nr = value->nr;

	loader->origins[setting_key_index(key)] = value->place;
	keep_texts(loader, key, value);
	if (nr && !value->nr)
		return;
	switch (key->type) {
	case SETTING_BOUNDS:
		settings_set_bounds(loader, key, base, value);
		break;
	case SETTING_NAMES:
		settings_set_names(loader, key, base, value);
		break;
	case SETTING_GLOBS:
		settings_set_globs(loader, key, base, value);
		break;
	case SETTING_ATTRIBUTES:
		settings_set_attributes(loader, key, base, value);
		break;
	case SETTING_HEADERS:
		settings_set_headers(loader, key, base, value);
		break;
	default:
		set_scalar(loader, key, base, &value->items[0]);
		break;
	}
}

void settings_set_text(struct settings_loader *loader, const struct setting_key *key, void *base,
		       const char *text, const struct settings_place *place)
{
	_cleanup_(settings_value_done) struct settings_value value = {};
	int r = settings_value_of_text(loader, key, text, place, &value);

	if (r == -ENOMEM)
		loader->error = r;
	else if (!r)
		settings_set(loader, key, base, &value);
}

static bool is_text(enum setting_type type)
{
	return type >= SETTING_TEXT && type <= SETTING_GLOB;
}

void settings_set_defaults(struct settings_loader *loader, const char *scope, void *base)
{
	for (size_t i = 0; i < nr_setting_keys; i++) {
		const struct setting_key *key = &setting_keys[i];
		struct settings_place place = {.layer = LAYER_DEFAULT};

		if (!setting_key_in_scope(key, scope))
			continue;
		snprintf(place.label, sizeof(place.label), "%s", key->path);
		if (key->fallback)
			settings_set_text(loader, key, base, key->fallback, &place);
		else if (key->type == SETTING_MS || key->type == SETTING_PERCENT)
			*(double *)field(key, base) = NAN;
		else if (is_text(key->type) && !(*(char **)field(key, base) = strdup("")))
			loader->error = -ENOMEM;
	}
}
