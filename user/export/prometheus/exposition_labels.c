/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Sorted by key, so that joined values come in the order that the rules want. */
#include "export/prometheus/exposition_labels.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "export/prometheus/exposition_number.h"

#define JOIN ";"

/* An array is a JSON array. */
static int append_texts(struct buffer *out, const struct attribute *attribute)
{
	json_auto_t *array = json_array();
	_cleanup_(freep) char *text = NULL;

	for (size_t i = 0; i < attribute->texts.nr; i++)
		json_array_append_new(array, json_string(attribute->texts.items[i]));
	text = json_dumps(array, JSON_COMPACT);
	return text ? buffer_append_text(out, text) : -ENOMEM;
}

static int append_value(struct buffer *out, const struct attribute *attribute)
{
	char number[NUMBER_TEXT_LEN];

	switch (attribute->type) {
	case ATTRIBUTE_TEXT:
		return buffer_append_text(out, attribute->text);
	case ATTRIBUTE_INTEGER:
		if (attribute->integer >= 0)
			return buffer_append(
				out, number,
				number_text_integer((__u64)attribute->integer, number));
		return buffer_printf(out, "%" PRId64, (int64_t)attribute->integer);
	case ATTRIBUTE_DOUBLE:
		return buffer_append(out, number, number_text(attribute->number, number));
	case ATTRIBUTE_BOOLEAN:
		return buffer_append_text(out, attribute->boolean ? "true" : "false");
	case ATTRIBUTE_TEXTS:
		return append_texts(out, attribute);
	}
	return 0;
}

/* Stable, and short work: they come nearly sorted. */
static size_t sort_by_key(const struct attribute *const *attributes, size_t nr,
			  const struct attribute *sorted[LABELS_MAX])
{
	size_t nr_sorted = 0;

	for (size_t i = 0; i < nr && nr_sorted < LABELS_MAX; i++) {
		size_t at = nr_sorted;
		int order = 1;

		while (at && (order = strcmp(sorted[at - 1]->key, attributes[i]->key)) > 0)
			at--;
		if (at && !order)
			continue;
		memmove(&sorted[at + 1], &sorted[at], (nr_sorted - at) * sizeof(sorted[0]));
		sorted[at] = attributes[i];
		nr_sorted++;
	}
	return nr_sorted;
}

static unsigned int hash_of(const char *text)
{
	unsigned int hash = 2166136261U;

	while (*text)
		hash = (hash ^ (unsigned char)*text++) * 16777619U;
	return hash;
}

/* There is room: labels_make sees to it. */
static const char *name_of(struct labels *labels, const char *key)
{
	unsigned int hash = hash_of(key);
	struct name_of_key *entry;

	for (unsigned int i = hash;; i++) {
		entry = &labels->names[i % LABEL_NAMES];
		if (!entry->key)
			break;
		if (entry->hash == hash && !strcmp(entry->key, key))
			return entry->name;
	}
	entry->key = key;
	entry->hash = hash;
	label_name(key, entry->name);
	labels->nr_names++;
	return entry->name;
}

static struct label *find(struct labels *labels, const char *name)
{
	for (size_t i = 0; i < labels->nr; i++) {
		const char *other = labels->items[i].name;

		/* most differ early */
		if (other[0] == name[0] && !strcmp(other, name))
			return &labels->items[i];
	}
	return NULL;
}

/* The joined value is made anew at the end; the one before is left where it is, unused. */
static int join(struct labels *labels, struct label *label, const struct attribute *attribute)
{
	struct buffer *values = &labels->values;
	size_t length = strlen((const char *)values->data + label->value), end = values->size;

	if (buffer_reserve(values, length + 1))
		return values->error;
	buffer_append(values, values->data + label->value, length);
	label->value = end;
	buffer_append_text(values, JOIN);
	append_value(values, attribute);
	return buffer_append(values, "", 1);
}

static int add(struct labels *labels, const struct attribute *attribute)
{
	struct label *next = &labels->items[labels->nr], *same;
	int err;

	next->name = name_of(labels, attribute->key);
	same = find(labels, next->name);
	if (same)
		return join(labels, same, attribute);
	next->value = labels->values.size;
	err = append_value(&labels->values, attribute);
	if (err)
		return err;
	labels->nr++;
	return buffer_append(&labels->values, "", 1);
}

int labels_make(struct labels *labels, const struct attribute *const *attributes, size_t nr)
{
	const struct attribute *sorted[LABELS_MAX];
	size_t nr_sorted = sort_by_key(attributes, nr, sorted);
	int err = 0;

	if (labels->nr_names > LABEL_NAMES - 2 * LABELS_MAX) {
		memset(labels->names, 0, sizeof(labels->names));
		labels->nr_names = 0;
	}
	labels->nr = 0;
	buffer_reset(&labels->values);
	for (size_t i = 0; i < nr_sorted && !err; i++)
		err = add(labels, sorted[i]);
	return err;
}

void labels_done(struct labels *labels)
{
	buffer_done(&labels->values);
}
