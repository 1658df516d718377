/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of keys: loading, checking, printing, comparing and the reference
 * are all made from it. A path with [] in it is of each item of a list:
 * "targets[].name" is a field of struct target_group, the others of settings.
 */
#ifndef LOOPSCOPE_SETTINGS_KEYS_H
#define LOOPSCOPE_SETTINGS_KEYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

#define SETTINGS_MAX_KEYS 120

enum setting_type {
	SETTING_MS,       /* double */
	SETTING_PERCENT,  /* double */
	SETTING_COUNT,    /* unsigned int or size_t */
	SETTING_BYTES,    /* size_t */
	SETTING_BOOL,     /* bool */
	SETTING_CHOICE,   /* an enum, or bool */
	SETTING_TEXT,     /* char * from here on */
	SETTING_PATH,     /* of a file */
	SETTING_ENDPOINT, /* http or https URL */
	SETTING_SERVER,   /* http or https URL of a host alone */
	SETTING_PROXY,    /* URL, maybe with a password */
	SETTING_LISTEN,   /* ADDRESS:PORT */
	SETTING_COMM,     /* glob of a comm */
	SETTING_GLOB,
	SETTING_SELECTOR,   /* of labels; of a target_match, which has it parsed too */
	SETTING_BOUNDS,     /* double[SETTINGS_MAX_BOUNDS] and their number */
	SETTING_NAMES,      /* text_list of attribute keys */
	SETTING_GLOBS,      /* text_list */
	SETTING_ATTRIBUTES, /* text_pairs */
	SETTING_HEADERS,    /* text_pairs, their values secret */
	SETTING_GROUPS,     /* struct target_group * and their number */
	SETTING_MATCHES,    /* struct target_match * and their number */
	NR_SETTING_TYPES,
};

enum setting_shape { SHAPE_SCALAR, SHAPE_LIST, SHAPE_PAIRS, SHAPE_ITEMS };

struct setting_choice {
	const char *word;
	int value;
};

struct setting_key {
	const char *path;
	enum setting_type type;
	bool secret;
	bool fixed;                           /* takes effect at the next start only */
	size_t offset, size;                  /* of the field */
	size_t nr_offset;                     /* of its number of items, if that is a field too */
	double min, max;                      /* of numbers; of a text's length */
	const struct setting_choice *choices; /* ends with a NULL word */
	const char *fallback; /* the default as text, lists with commas; NULL: it has none */
	const char *doc;
};

extern const struct setting_key setting_keys[];
extern const size_t nr_setting_keys;

/* NULL: there is none of that path. */
const struct setting_key *setting_key_find(const char *path);
size_t setting_key_index(const struct setting_key *key);

/* Whether keys lie below it. */
bool setting_is_section(const char *path);

/* Whether the key is a field of what `scope` ("", "targets[]", ...) is the path of. */
bool setting_key_in_scope(const struct setting_key *key, const char *scope);

/* "; did you mean ..." or "; known here: ..." for a key that `section` has not. */
void setting_suggest(const char *section, const char *name, struct buffer *out);

enum setting_shape setting_shape(enum setting_type type);

/* What a value is, "a number of milliseconds", and what is allowed of it: "0.001 to 3600000". */
const char *setting_noun(enum setting_type type);
void setting_range(const struct setting_key *key, struct buffer *out);

#endif
