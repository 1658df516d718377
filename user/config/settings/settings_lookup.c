/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Finding keys in the table, and words for what is not in it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings/settings_keys.h"

#define NAME_LEN_MAX 64 /* of what was meant: longer ones are like no key */

const struct setting_key *setting_key_find(const char *path)
{
	for (size_t i = 0; i < nr_setting_keys; i++) {
		if (!strcmp(setting_keys[i].path, path))
			return &setting_keys[i];
	}
	return NULL;
}

size_t setting_key_index(const struct setting_key *key)
{
	return (size_t)(key - setting_keys);
}

/* What follows `section` in the path, NULL if the path is not below it. */
static const char *below(const char *path, const char *section)
{
	size_t length = strlen(section);

	if (!length)
		return path;
	return !strncmp(path, section, length) && path[length] == '.' ? path + length + 1 : NULL;
}

bool setting_is_section(const char *path)
{
	for (size_t i = 0; i < nr_setting_keys; i++) {
		if (below(setting_keys[i].path, path))
			return true;
	}
	return false;
}

bool setting_key_in_scope(const struct setting_key *key, const char *scope)
{
	const char *rest = below(key->path, scope);

	return rest && !strchr(rest, '[');
}

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's: letters put in, left out or changed. */
static size_t edit_distance(const char *a, const char *b, size_t b_length)
{
	size_t row[NAME_LEN_MAX + 1];

	for (size_t j = 0; j <= b_length; j++)
		row[j] = j;
	for (size_t i = 0; a[i]; i++) {
		size_t diagonal = row[0];

		row[0] = i + 1;
		for (size_t j = 0; j < b_length; j++) {
			size_t above = row[j + 1];

			row[j + 1] = min3(above + 1, row[j] + 1, diagonal + (a[i] != b[j]));
			diagonal = above;
		}
	}
	return row[b_length];
}

/* The next part of a path: up to a dot or brackets; whole: all of it. */
static size_t part_length(const char *rest, bool whole)
{
	return whole ? strlen(rest) : strcspn(rest, ".[");
}

static void list_known(const char *section, struct buffer *out)
{
	const char *last = NULL;
	size_t last_length = 0;

	buffer_append_text(out, "; known here: ");
	for (size_t i = 0; i < nr_setting_keys; i++) {
		const char *rest = below(setting_keys[i].path, section);
		size_t length = rest ? part_length(rest, false) : 0;

		if (!rest || (last && length == last_length && !strncmp(rest, last, length)))
			continue;
		buffer_append_text(out, last ? ", " : "");
		buffer_append(out, rest, length);
		last = rest;
		last_length = length;
	}
}

/*
 * A name with a dot is a whole path, which is what --set takes; else it is one
 * part of a path, and of the same section.
 */
void setting_suggest(const char *section, const char *name, struct buffer *out)
{
	size_t length = strlen(name), best = length < 6 ? 1 : length / 3, nearest_length = 0;
	bool whole = strchr(name, '.');
	const char *nearest = NULL;

	for (size_t i = 0; length <= NAME_LEN_MAX && i < nr_setting_keys; i++) {
		const char *rest = below(setting_keys[i].path, section);
		size_t candidate = rest ? part_length(rest, whole) : 0;
		size_t distance;

		if (!candidate || candidate > NAME_LEN_MAX)
			continue;
		distance = edit_distance(name, rest, candidate);
		if (distance > best || (nearest && distance == best))
			continue;
		best = distance;
		nearest = rest;
		nearest_length = candidate;
	}
	if (nearest) {
		buffer_append_text(out, "; did you mean ");
		buffer_append(out, nearest, nearest_length);
		buffer_append_text(out, "?");
	} else {
		list_known(section, out);
	}
}

static const struct {
	const char *noun;
	enum setting_shape shape;
} types[] = {
	[SETTING_MS] = {"a number of milliseconds", SHAPE_SCALAR},
	[SETTING_PERCENT] = {"a number of percent", SHAPE_SCALAR},
	[SETTING_COUNT] = {"a whole number", SHAPE_SCALAR},
	[SETTING_BYTES] = {"a whole number of bytes", SHAPE_SCALAR},
	[SETTING_BOOL] = {"true or false", SHAPE_SCALAR},
	[SETTING_CHOICE] = {"a known word", SHAPE_SCALAR},
	[SETTING_TEXT] = {"a text", SHAPE_SCALAR},
	[SETTING_PATH] = {"the path of a file", SHAPE_SCALAR},
	[SETTING_ENDPOINT] = {"an http or https URL", SHAPE_SCALAR},
	[SETTING_SERVER] = {"an http or https URL", SHAPE_SCALAR},
	[SETTING_PROXY] = {"the URL of a proxy", SHAPE_SCALAR},
	[SETTING_LISTEN] = {"an address to listen on", SHAPE_SCALAR},
	[SETTING_COMM] = {"a pattern of a name", SHAPE_SCALAR},
	[SETTING_GLOB] = {"a pattern", SHAPE_SCALAR},
	[SETTING_SELECTOR] = {"a label selector", SHAPE_SCALAR},
	[SETTING_BOUNDS] = {"a list of milliseconds, ascending", SHAPE_LIST},
	[SETTING_NAMES] = {"a list of attribute names", SHAPE_LIST},
	[SETTING_GLOBS] = {"a list of patterns", SHAPE_LIST},
	[SETTING_ATTRIBUTES] = {"a mapping of names to values", SHAPE_PAIRS},
	[SETTING_HEADERS] = {"a mapping of names to values", SHAPE_PAIRS},
	[SETTING_GROUPS] = {"a list of groups", SHAPE_ITEMS},
	[SETTING_MATCHES] = {"a list of patterns by what they match", SHAPE_ITEMS},
};

_Static_assert(sizeof(types) / sizeof(*types) == NR_SETTING_TYPES, "a name for each type");

enum setting_shape setting_shape(enum setting_type type)
{
	return types[type].shape;
}

const char *setting_noun(enum setting_type type)
{
	return types[type].noun;
}

static void list_choices(const struct setting_key *key, struct buffer *out)
{
	for (const struct setting_choice *choice = key->choices; choice->word; choice++)
		buffer_printf(out, "%s%s", choice == key->choices ? "" : ", ", choice->word);
}

void setting_range(const struct setting_key *key, struct buffer *out)
{
	switch (key->type) {
	case SETTING_MS:
	case SETTING_PERCENT:
	case SETTING_COUNT:
	case SETTING_BYTES:
	case SETTING_BOUNDS:
		buffer_printf(out, "%.10g to %.10g", key->min, key->max);
		break;
	case SETTING_BOOL:
		buffer_append_text(out, "true, false");
		break;
	case SETTING_CHOICE:
		list_choices(key, out);
		break;
	case SETTING_LISTEN:
		buffer_append_text(out, "IPV4:PORT, [IPV6]:PORT, :PORT, none");
		break;
	case SETTING_COMM:
		buffer_append_text(out, "text, *, ? and [a-z], for names of up to 15 characters");
		break;
	case SETTING_GLOB:
	case SETTING_GLOBS:
		buffer_append_text(out, "text, *, ? and [a-z]");
		break;
	default:
		break;
	}
}
