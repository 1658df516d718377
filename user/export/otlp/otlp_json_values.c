/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers, texts and attributes by protobuf's JSON mapping. */
#include "export/otlp/otlp_json_values.h"

#include <math.h>
#include <stdio.h>

#include "base/json_values.h"

#define INTEGER_LEN 24

json_t *json_unsigned(__u64 value)
{
	char text[INTEGER_LEN];

	snprintf(text, sizeof(text), "%llu", value);
	return json_string(text);
}

json_t *json_signed(__s64 value)
{
	char text[INTEGER_LEN];

	snprintf(text, sizeof(text), "%lld", value);
	return json_string(text);
}

json_t *json_number(double value)
{
	if (isnan(value))
		return json_string("NaN");
	if (isinf(value))
		return json_string(value > 0 ? "Infinity" : "-Infinity");
	return json_real(value);
}

static json_t *texts_object(const struct attribute *attribute)
{
	json_t *array = json_array(), *object = json_object();

	for (size_t i = 0; i < attribute->texts.nr; i++) {
		json_t *value = json_object();

		json_put(&value, "stringValue", json_text(attribute->texts.items[i]));
		json_append(&array, value);
	}
	json_put(&object, "values", array);
	return object;
}

static json_t *value_object(const struct attribute *attribute)
{
	json_t *object = json_object();

	switch (attribute->type) {
	case ATTRIBUTE_TEXT:
		json_put(&object, "stringValue", json_text(attribute->text));
		break;
	case ATTRIBUTE_INTEGER:
		json_put(&object, "intValue", json_signed(attribute->integer));
		break;
	case ATTRIBUTE_DOUBLE:
		json_put(&object, "doubleValue", json_number(attribute->number));
		break;
	case ATTRIBUTE_BOOLEAN:
		json_put(&object, "boolValue", json_boolean(attribute->boolean));
		break;
	case ATTRIBUTE_TEXTS:
		json_put(&object, "arrayValue", texts_object(attribute));
		break;
	}
	return object;
}

json_t *json_attributes(const struct attribute *attributes, size_t nr)
{
	json_t *array = json_array();

	for (size_t i = 0; i < nr; i++) {
		json_t *pair = json_object();

		json_put(&pair, "key", json_text(attributes[i].key));
		json_put(&pair, "value", value_object(&attributes[i]));
		json_append(&array, pair);
	}
	return array;
}
