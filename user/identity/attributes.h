/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attributes: a small ordered set of key and value, as OpenTelemetry has them.
 * Keys are unique; texts are valid UTF-8 once in a set (what was not is repaired).
 */
#ifndef LOOPSCOPE_ATTRIBUTES_H
#define LOOPSCOPE_ATTRIBUTES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define ATTRIBUTE_MAX_TEXT 4096 /* bytes of a value: more is cut, at a character */
#define ATTRIBUTE_MAX_TEXTS 256 /* of an array; together as long as one text may be */
#define ATTRIBUTE_MAX_KEY 256   /* bytes of a key: more is cut likewise */
#define ATTRIBUTES_MAX 128      /* of a set: more are left out, and counted */

enum attribute_type {
	ATTRIBUTE_TEXT,
	ATTRIBUTE_INTEGER,
	ATTRIBUTE_DOUBLE,
	ATTRIBUTE_BOOLEAN,
	ATTRIBUTE_TEXTS, /* an array of texts */
};

struct attribute {
	const char *key;
	enum attribute_type type;
	union {
		const char *text;
		__s64 integer;
		double number;
		bool boolean;
		struct {
			const char *const *items;
			size_t nr;
		} texts;
	};
};

#define ATTRIBUTE_OF_TEXT(key_, text_) \
	((struct attribute){.key = (key_), .type = ATTRIBUTE_TEXT, .text = (text_)})
#define ATTRIBUTE_OF_INTEGER(key_, value_) \
	((struct attribute){.key = (key_), .type = ATTRIBUTE_INTEGER, .integer = (value_)})
#define ATTRIBUTE_OF_BOOLEAN(key_, value_) \
	((struct attribute){.key = (key_), .type = ATTRIBUTE_BOOLEAN, .boolean = (value_)})

/* A set that owns its keys and texts. All zero is the empty one. */
struct attributes {
	struct attribute *items; /* sorted by key */
	size_t nr;
	size_t nr_left_out; /* beyond ATTRIBUTES_MAX */
};

/*
 * Puts a copy; one of that key is replaced. -EINVAL: the key is empty; -ENOMEM: unchanged;
 * -E2BIG: no room, counted.
 */
int attributes_put(struct attributes *set, const struct attribute *attribute);
int attributes_put_text(struct attributes *set, const char *key, const char *text);
int attributes_put_integer(struct attributes *set, const char *key, __s64 value);

/* Puts those of `from` that `set` has not. -E2BIG: some had no room; -ENOMEM: no more are put. */
int attributes_add_missing(struct attributes *set, const struct attributes *from);

const struct attribute *attributes_get(const struct attributes *set, const char *key);
const char *attributes_get_text(const struct attributes *set, const char *key); /* or NULL */

/* Removes what no glob of `keep` matches (none: keeps all), then what one of `drop` does. */
void attributes_filter(struct attributes *set, char *const *keep, size_t nr_keep, char *const *drop,
		       size_t nr_drop);
void attributes_done(struct attributes *set);

/* The same key, type and value. */
bool attribute_equal(const struct attribute *a, const struct attribute *b);

#endif
