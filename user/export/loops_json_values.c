/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Small JSON values, and objects made of them. */
#include "export/loops_json_values.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/utf8.h"

#define NS_PER_MS 1e6
#define NS_PER_S 1000000000ULL
#define INSTANT_LEN 32

void loops_json_put(json_t **object, const char *key, json_t *value)
{
	if (!json_object_set_new(*object, key, value))
		return;
	json_decref(*object);
	*object = NULL;
}

void loops_json_add(json_t **array, json_t *value)
{
	if (!json_array_append_new(*array, value))
		return;
	json_decref(*array);
	*array = NULL;
}

json_t *loops_json_text(const char *text)
{
	_cleanup_(freep) char *repaired = malloc(UTF8_REPAIRED_LEN(strlen(text)));

	if (!repaired)
		return NULL;
	utf8_repair(repaired, text);
	return json_string_nocheck(repaired);
}

json_t *loops_json_figure(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *loops_json_ms(__u64 ns)
{
	return json_real((double)ns / NS_PER_MS);
}

json_t *loops_json_instant(__u64 unix_ns)
{
	time_t seconds = (time_t)(unix_ns / NS_PER_S);
	unsigned int ms = (unsigned int)(unix_ns % NS_PER_S / 1000000);
	char text[INSTANT_LEN];
	struct tm utc;
	size_t length;

	gmtime_r(&seconds, &utc);
	length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, sizeof(text) - length, ".%03uZ", ms);
	return json_string(text);
}

static json_t *texts_array(const struct attribute *attribute)
{
	json_t *array = json_array();

	for (size_t i = 0; i < attribute->texts.nr; i++)
		loops_json_add(&array, loops_json_text(attribute->texts.items[i]));
	return array;
}

json_t *loops_json_attribute(const struct attribute *attribute)
{
	switch (attribute->type) {
	case ATTRIBUTE_TEXT:
		return loops_json_text(attribute->text);
	case ATTRIBUTE_INTEGER:
		return json_integer(attribute->integer);
	case ATTRIBUTE_DOUBLE:
		return loops_json_figure(attribute->number);
	case ATTRIBUTE_BOOLEAN:
		return json_boolean(attribute->boolean);
	case ATTRIBUTE_TEXTS:
		return texts_array(attribute);
	}
	return json_null();
}

json_t *loops_json_attributes(const struct attributes *set)
{
	json_t *object = json_object();

	for (size_t i = 0; i < set->nr; i++)
		loops_json_put(&object, set->items[i].key, loops_json_attribute(&set->items[i]));
	return object;
}
