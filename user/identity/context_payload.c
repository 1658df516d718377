/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The payload of a process context. Of its two parts the resource is taken; what else is
 * published there is for profilers, and describes no resource.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "identity/process_context.h"
#include "proto/process_context.pb-c.h"

static void free_payload(ProcessContext__Payload **payload)
{
	process_context__payload__free_unpacked(*payload, NULL);
}

static void free_array(ProcessContext__ArrayValue **array)
{
	process_context__array_value__free_unpacked(*array, NULL);
}

/* One that holds anything but texts is left out. */
static int put_array(struct attributes *set, const char *key, const ProtobufCBinaryData *bytes)
{
	_cleanup_(free_array) ProcessContext__ArrayValue *array =
		process_context__array_value__unpack(NULL, bytes->len, bytes->data);
	struct attribute attribute = {.key = key, .type = ATTRIBUTE_TEXTS};
	_cleanup_(freep) const char **texts = NULL;

	if (!array)
		return -EBADMSG;
	texts = calloc(array->n_values + 1, sizeof(*texts));
	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < array->n_values; i++) {
		if (array->values[i]->value_case != PROCESS_CONTEXT__ANY_VALUE__VALUE_STRING_VALUE)
			return 0;
		texts[i] = array->values[i]->string_value;
	}
	attribute.texts.items = texts;
	attribute.texts.nr = array->n_values;
	return attributes_put(set, &attribute);
}

static int put_value(struct attributes *set, const char *key, const ProcessContext__AnyValue *value)
{
	struct attribute number = {.key = key, .type = ATTRIBUTE_DOUBLE};

	switch (value->value_case) {
	case PROCESS_CONTEXT__ANY_VALUE__VALUE_STRING_VALUE:
		return attributes_put_text(set, key, value->string_value);
	case PROCESS_CONTEXT__ANY_VALUE__VALUE_BOOL_VALUE:
		return attributes_put(set, &ATTRIBUTE_OF_BOOLEAN(key, value->bool_value));
	case PROCESS_CONTEXT__ANY_VALUE__VALUE_INT_VALUE:
		return attributes_put_integer(set, key, value->int_value);
	case PROCESS_CONTEXT__ANY_VALUE__VALUE_DOUBLE_VALUE:
		number.number = value->double_value;
		return attributes_put(set, &number);
	case PROCESS_CONTEXT__ANY_VALUE__VALUE_ARRAY_VALUE:
		return put_array(set, key, &value->array_value);
	default:
		return 0;
	}
}

int process_context_decode(const void *payload, size_t size, struct attributes *set)
{
	_cleanup_(free_payload) ProcessContext__Payload *message =
		process_context__payload__unpack(NULL, size, payload);

	if (!message)
		return -EBADMSG;
	for (size_t i = 0; message->resource && i < message->resource->n_attributes; i++) {
		const ProcessContext__KeyValue *pair = message->resource->attributes[i];
		int r = pair->value ? put_value(set, pair->key, pair->value) : 0;

		/* an array that is none, a key that is empty: the others may be sound */
		if (r == -ENOMEM)
			return r;
	}
	return 0;
}
