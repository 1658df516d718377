/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sets of attributes: an array sorted by key. Each attribute is one block of memory: the key and
 * the text, or the pointers of an array, the key and the texts.
 */
#include "identity/attributes.h"

#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* A character cut short by the bound must not look like an ill-formed one. */
#define LONGEST_CHARACTER 4
#define BOUNDED_LEN (ATTRIBUTE_MAX_TEXT + LONGEST_CHARACTER)

/* Writes the text at `to` if that is not NULL. Returns what it takes, the terminator included. */
static size_t copy_text(char *to, const char *text, size_t max)
{
	char bounded[BOUNDED_LEN + 1], repaired[UTF8_REPAIRED_LEN(BOUNDED_LEN)];
	size_t length = strnlen(text, BOUNDED_LEN);

	memcpy(bounded, text, length);
	bounded[length] = '\0';
	utf8_repair(repaired, bounded);
	length = utf8_cut(repaired, strlen(repaired), max);
	if (to) {
		memcpy(to, repaired, length);
		to[length] = '\0';
	}
	return length + 1;
}

/* An array's texts, one after the other, the same way. */
static size_t copy_texts(char *to, const char **pointers, const struct attribute *from, size_t nr)
{
	size_t size = 0;

	for (size_t i = 0; i < nr; i++) {
		size_t used = size - i; /* without terminators */

		if (pointers)
			pointers[i] = to + size;
		size += copy_text(to ? to + size : NULL, from->texts.items[i],
				  ATTRIBUTE_MAX_TEXT - used);
	}
	return size;
}

static size_t bounded_nr_texts(const struct attribute *from)
{
	return from->texts.nr < ATTRIBUTE_MAX_TEXTS ? from->texts.nr : ATTRIBUTE_MAX_TEXTS;
}

static int copy_array(const struct attribute *from, struct attribute *ret_copy)
{
	size_t nr = bounded_nr_texts(from);
	size_t key_size = copy_text(NULL, from->key, ATTRIBUTE_MAX_KEY);
	const char **pointers =
		malloc(nr * sizeof(*pointers) + key_size + copy_texts(NULL, NULL, from, nr));
	char *key;

	if (!pointers)
		return -ENOMEM;
	key = (char *)(pointers + nr);
	copy_text(key, from->key, ATTRIBUTE_MAX_KEY);
	copy_texts(key + key_size, pointers, from, nr);
	*ret_copy = (struct attribute){
		.key = key, .type = ATTRIBUTE_TEXTS, .texts = {.items = pointers, .nr = nr}};
	return 0;
}

static int copy_attribute(const struct attribute *from, struct attribute *ret_copy)
{
	size_t key_size, text_size;
	struct attribute copy = *from;
	char *block;

	if (from->type == ATTRIBUTE_TEXTS)
		return copy_array(from, ret_copy);
	key_size = copy_text(NULL, from->key, ATTRIBUTE_MAX_KEY);
	text_size =
		from->type == ATTRIBUTE_TEXT ? copy_text(NULL, from->text, ATTRIBUTE_MAX_TEXT) : 0;
	block = malloc(key_size + text_size);
	if (!block)
		return -ENOMEM;
	copy_text(block, from->key, ATTRIBUTE_MAX_KEY);
	copy.key = block;
	if (text_size) {
		copy_text(block + key_size, from->text, ATTRIBUTE_MAX_TEXT);
		copy.text = block + key_size;
	}
	*ret_copy = copy;
	return 0;
}

static void release(struct attribute *attribute)
{
	if (attribute->type == ATTRIBUTE_TEXTS)
		free((void *)attribute->texts.items);
	else
		free((void *)attribute->key);
}

/* The attribute of that key, or NULL; its index, or the one where it belongs. */
static struct attribute *find(const struct attributes *set, const char *key, size_t *ret_index)
{
	size_t low = 0, high = set->nr;

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(set->items[middle].key, key);

		if (order == 0) {
			*ret_index = middle;
			return &set->items[middle];
		}
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_index = low;
	return NULL;
}

/* Takes the attribute over if it succeeds. */
static int insert(struct attributes *set, size_t index, const struct attribute *attribute)
{
	struct attribute *items;

	if (set->nr >= ATTRIBUTES_MAX) {
		set->nr_left_out++;
		return -E2BIG;
	}
	items = reallocarray(set->items, set->nr + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	memmove(items + index + 1, items + index, (set->nr - index) * sizeof(*items));
	items[index] = *attribute;
	set->items = items;
	set->nr++;
	return 0;
}

int attributes_put(struct attributes *set, const struct attribute *attribute)
{
	struct attribute copy, *old;
	size_t index;
	int r;

	if (!*attribute->key)
		return -EINVAL;
	r = copy_attribute(attribute, &copy);
	if (r)
		return r;
	old = find(set, copy.key, &index);
	if (old) {
		release(old);
		*old = copy;
		return 0;
	}
	r = insert(set, index, &copy);
	if (r)
		release(&copy);
	return r;
}

int attributes_put_text(struct attributes *set, const char *key, const char *text)
{
	return attributes_put(set, &ATTRIBUTE_OF_TEXT(key, text));
}

int attributes_put_integer(struct attributes *set, const char *key, __s64 value)
{
	return attributes_put(set, &ATTRIBUTE_OF_INTEGER(key, value));
}

int attributes_add_missing(struct attributes *set, const struct attributes *from)
{
	int result = 0;

	for (size_t i = 0; i < from->nr; i++) {
		int r;

		if (attributes_get(set, from->items[i].key))
			continue;
		r = attributes_put(set, &from->items[i]);
		if (r && r != -E2BIG)
			return r;
		result = r ?: result;
	}
	return result;
}

const struct attribute *attributes_get(const struct attributes *set, const char *key)
{
	size_t index;

	return find(set, key, &index);
}

const char *attributes_get_text(const struct attributes *set, const char *key)
{
	const struct attribute *attribute = attributes_get(set, key);

	return attribute && attribute->type == ATTRIBUTE_TEXT ? attribute->text : NULL;
}

static bool matches_any(char *const *patterns, size_t nr, const char *key)
{
	for (size_t i = 0; i < nr; i++) {
		if (fnmatch(patterns[i], key, 0) == 0)
			return true;
	}
	return false;
}

void attributes_filter(struct attributes *set, char *const *keep, size_t nr_keep, char *const *drop,
		       size_t nr_drop)
{
	size_t nr = 0;

	for (size_t i = 0; i < set->nr; i++) {
		const char *key = set->items[i].key;

		if ((nr_keep && !matches_any(keep, nr_keep, key)) ||
		    matches_any(drop, nr_drop, key))
			release(&set->items[i]);
		else
			set->items[nr++] = set->items[i];
	}
	set->nr = nr;
}

void attributes_done(struct attributes *set)
{
	for (size_t i = 0; i < set->nr; i++)
		release(&set->items[i]);
	free(set->items);
	*set = (struct attributes){};
}

static bool texts_equal(const struct attribute *a, const struct attribute *b)
{
	if (a->texts.nr != b->texts.nr)
		return false;
	for (size_t i = 0; i < a->texts.nr; i++) {
		if (strcmp(a->texts.items[i], b->texts.items[i]) != 0)
			return false;
	}
	return true;
}

bool attribute_equal(const struct attribute *a, const struct attribute *b)
{
	if (a->type != b->type || strcmp(a->key, b->key) != 0)
		return false;
	switch (a->type) {
	case ATTRIBUTE_TEXT:
		return strcmp(a->text, b->text) == 0;
	case ATTRIBUTE_INTEGER:
		return a->integer == b->integer;
	case ATTRIBUTE_DOUBLE:
		return a->number == b->number || (isnan(a->number) && isnan(b->number));
	case ATTRIBUTE_BOOLEAN:
		return a->boolean == b->boolean;
	case ATTRIBUTE_TEXTS:
		return texts_equal(a, b);
	}
	return false;
}
