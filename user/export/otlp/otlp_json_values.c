/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers, texts and attributes by protobuf's JSON mapping. */
#include "export/otlp/otlp_json_values.h"

#include <errno.h>
#include <math.h>

#include "base/json_values.h"
#include "export/otlp/otlp_resource.h"

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

static json_t *scopes_array(const char *items_key, json_t *items)
{
	json_t *scope = json_object(), *object = json_object(), *array = json_array();

	json_put(&scope, "name", json_string(OTLP_SCOPE_NAME));
	json_put(&scope, "version", json_string(LOOPSCOPE_VERSION));
	json_put(&object, "scope", scope);
	json_put(&object, items_key, items);
	json_put(&object, "schemaUrl", json_string(OTLP_SCHEMA_URL));
	json_append(&array, object);
	return array;
}

json_t *json_otlp_request(const char *resources_key, const char *scopes_key, const char *items_key,
			  json_t *items, const struct attributes *attributes)
{
	json_t *request = json_object(), *array = json_array(), *object = json_object();
	json_t *resource = json_object();

	json_put(&resource, "attributes", json_attributes(attributes->items, attributes->nr));
	if (attributes->nr_left_out)
		json_put(&resource, "droppedAttributesCount",
			 json_integer(attributes->nr_left_out));
	json_put(&object, "resource", resource);
	json_put(&object, scopes_key, scopes_array(items_key, items));
	json_put(&object, "schemaUrl", json_string(OTLP_SCHEMA_URL));
	json_append(&array, object);
	json_put(&request, resources_key, array);
	return request;
}

/* jansson tells failure to write from success, but not which one it was. */
int json_otlp_write(FILE *out, const json_t *value)
{
	if (!value)
		return -ENOMEM;
	errno = 0;
	if (json_dumpf(value, out, JSON_COMPACT) || fputc('\n', out) == EOF)
		return errno ? -errno : -EIO;
	return 0;
}
