/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Instants and attributes as JSON. */
#include "export/loops_json_values.h"

#include "base/clock.h"
#include "base/json_values.h"

json_t *loops_json_instant(__u64 unix_ns)
{
	char text[CLOCK_TEXT_LEN];

	return json_string(clock_text(unix_ns, text));
}

static json_t *texts_array(const struct attribute *attribute)
{
	json_t *array = json_array();

	for (size_t i = 0; i < attribute->texts.nr; i++)
		json_append(&array, json_text(attribute->texts.items[i]));
	return array;
}

json_t *loops_json_attribute(const struct attribute *attribute)
{
	switch (attribute->type) {
	case ATTRIBUTE_TEXT:
		return json_text(attribute->text);
	case ATTRIBUTE_INTEGER:
		return json_integer(attribute->integer);
	case ATTRIBUTE_DOUBLE:
		return json_figure(attribute->number);
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
		json_put(&object, set->items[i].key, loops_json_attribute(&set->items[i]));
	return object;
}
