/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Labels of resources, and that no two are the same: Prometheus takes one of two
 * series with the same labels, and drops the other.
 */
#include "export/prometheus/exposition_resources.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INSTANCE_ID "service.instance.id"
#define PID "process.pid"
#define NR_ADDED 2 /* of those two, where they are not wanted */

static bool names_one_process(const struct text_list *labels)
{
	for (size_t i = 0; i < labels->nr; i++) {
		if (!strcmp(labels->items[i], INSTANCE_ID) || !strcmp(labels->items[i], PID))
			return true;
	}
	return false;
}

static void add(struct resource_labels *labels, const struct attributes *set, const char *key)
{
	const struct attribute *attribute = attributes_get(set, key);

	for (size_t i = 0; i < labels->nr; i++) {
		if (labels->attributes[i] == attribute)
			return;
	}
	if (attribute)
		labels->attributes[labels->nr++] = attribute;
}

static void choose(struct exposition *exposition, bool with_instance_id)
{
	const struct text_list *wanted = exposition->options->labels;
	const struct figures *figures = exposition->figures;
	size_t most = wanted->nr + NR_ADDED;

	for (size_t i = 0; i < figures->nr_resources; i++) {
		struct resource_labels *labels = &exposition->resources[i];
		const struct attributes *set = figures->resources[i].attributes;

		labels->attributes = &exposition->attributes[i * most];
		for (size_t j = 0; j < wanted->nr; j++)
			add(labels, set, wanted->items[j]);
		if (with_instance_id)
			add(labels, set, INSTANCE_ID);
	}
}

/* One of the resources, and the text of all its labels. */
struct named {
	size_t index;
	size_t text; /* offset in a buffer */
	const char *base;
};

static int compare(const void *a, const void *b)
{
	const struct named *first = a, *second = b;

	return strcmp(first->base + first->text, second->base + second->text);
}

static int name_all(struct exposition *exposition, struct named *named, struct buffer *texts)
{
	struct labels *labels = &exposition->labels;
	size_t nr = exposition->figures->nr_resources;

	for (size_t i = 0; i < nr; i++) {
		const struct resource_labels *resource = &exposition->resources[i];
		int err = labels_make(labels, resource->attributes, resource->nr);

		if (err)
			return err;
		named[i] = (struct named){.index = i, .text = texts->size};
		for (size_t j = 0; j < labels->nr; j++)
			buffer_printf(texts, "%s=%s\n", labels->items[j].name,
				      label_value(labels, j));
		buffer_append(texts, "", 1);
	}
	for (size_t i = 0; i < nr; i++)
		named[i].base = (const char *)texts->data;
	return texts->error;
}

/* Those that are labelled alike get the attribute too. */
static int tell_apart(struct exposition *exposition, const char *key, bool *ret_alike)
{
	size_t nr = exposition->figures->nr_resources;
	_cleanup_(freep) struct named *named = calloc(nr + 1, sizeof(*named));
	_cleanup_(buffer_done) struct buffer texts = {};
	int err = named ? name_all(exposition, named, &texts) : -ENOMEM;
	bool alike = false;

	if (err)
		return err;
	qsort(named, nr, sizeof(*named), compare);
	for (size_t i = 0; i < nr; i++) {
		size_t index = named[i].index;

		if ((!i || compare(&named[i - 1], &named[i])) &&
		    (i + 1 == nr || compare(&named[i], &named[i + 1])))
			continue;
		alike = true;
		add(&exposition->resources[index], exposition->figures->resources[index].attributes,
		    key);
	}
	*ret_alike = alike;
	return 0;
}

int resource_labels_make(struct exposition *exposition)
{
	size_t nr = exposition->figures->nr_resources;
	size_t most = exposition->options->labels->nr + NR_ADDED;
	bool alike;
	int err;

	exposition->resources = calloc(nr + 1, sizeof(*exposition->resources));
	exposition->attributes = calloc(nr * most + 1, sizeof(*exposition->attributes));
	if (!exposition->resources || !exposition->attributes)
		return -ENOMEM;
	choose(exposition, !names_one_process(exposition->options->labels));
	/* a pid in use again while its last user's totals are shown; a program that ran exec */
	err = tell_apart(exposition, INSTANCE_ID, &alike);
	/* an instance id that a variable gives to all workers, or a container to all its runs */
	return err || !alike ? err : tell_apart(exposition, PID, &alike);
}

void resource_labels_done(struct exposition *exposition)
{
	free(exposition->resources);
	free(exposition->attributes);
}
