/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A length comes before its message, and is known after it: room for the longest
 * is left, and closed up once it is known.
 */
#include "export/otlp_wire.h"

#include <errno.h>
#include <string.h>

#include "export/otlp_text.h"
#include "proto/otlp_metrics.pb-c.h"

#define LENGTH_DELIMITED 2
#define LENGTH_MAX 5 /* of 32 bits; a buffer is far smaller */
#define VARINT_MAX 10

static size_t put_varint(unsigned char *to, size_t value)
{
	size_t size = 0;

	for (; value >= 0x80; value >>= 7)
		to[size++] = (value & 0x7f) | 0x80;
	to[size++] = value;
	return size;
}

size_t wire_open(struct buffer *buffer, unsigned int field)
{
	unsigned char head[VARINT_MAX + LENGTH_MAX] = {0};
	size_t size = put_varint(head, field << 3 | LENGTH_DELIMITED);

	buffer_append(buffer, head, size + LENGTH_MAX);
	return buffer->size;
}

void wire_close(struct buffer *buffer, size_t opened)
{
	size_t size = buffer->size - opened, length_size;
	unsigned char *content;

	if (buffer->error)
		return;
	content = buffer->data + opened;
	length_size = put_varint(content - LENGTH_MAX, size);
	memmove(content - LENGTH_MAX + length_size, content, size);
	buffer->size -= LENGTH_MAX - length_size;
}

void wire_fields(struct buffer *buffer, const ProtobufCMessage *message)
{
	if (buffer_reserve(buffer, protobuf_c_message_get_packed_size(message)))
		return;
	buffer->size += protobuf_c_message_pack(message, buffer->data + buffer->size);
}

void wire_message(struct buffer *buffer, unsigned int field, const ProtobufCMessage *message)
{
	size_t opened = wire_open(buffer, field);

	wire_fields(buffer, message);
	wire_close(buffer, opened);
}

static void set_text(struct buffer *buffer, Otlp__AnyValue *value, const char *text, char **copy)
{
	value->value_case = OTLP__ANY_VALUE__VALUE_STRING_VALUE;
	value->string_value = (char *)otlp_text(text, copy);
	if (!value->string_value)
		buffer->error = -ENOMEM;
}

/* An array is opened, for it may have any number of texts. */
static void add_texts(struct buffer *buffer, const struct attribute *attribute)
{
	size_t value = wire_open(buffer, 2);
	size_t array = wire_open(buffer, OTLP__ANY_VALUE__VALUE_ARRAY_VALUE);

	for (size_t i = 0; i < attribute->texts.nr && !buffer->error; i++) {
		_cleanup_(freep) char *copy = NULL;
		Otlp__AnyValue item = OTLP__ANY_VALUE__INIT;

		set_text(buffer, &item, attribute->texts.items[i], &copy);
		if (!buffer->error)
			wire_message(buffer, 1, &item.base);
	}
	wire_close(buffer, array);
	wire_close(buffer, value);
}

static void set_value(struct buffer *buffer, Otlp__AnyValue *value,
		      const struct attribute *attribute, char **copy)
{
	switch (attribute->type) {
	case ATTRIBUTE_TEXT:
		set_text(buffer, value, attribute->text, copy);
		break;
	case ATTRIBUTE_INTEGER:
		value->value_case = OTLP__ANY_VALUE__VALUE_INT_VALUE;
		value->int_value = attribute->integer;
		break;
	case ATTRIBUTE_DOUBLE:
		value->value_case = OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE;
		value->double_value = attribute->number;
		break;
	case ATTRIBUTE_BOOLEAN:
		value->value_case = OTLP__ANY_VALUE__VALUE_BOOL_VALUE;
		value->bool_value = attribute->boolean;
		break;
	case ATTRIBUTE_TEXTS:
		break;
	}
}

void wire_attribute(struct buffer *buffer, unsigned int field, const struct attribute *attribute)
{
	_cleanup_(freep) char *key_copy = NULL, *text_copy = NULL;
	Otlp__KeyValue pair = OTLP__KEY_VALUE__INIT;
	Otlp__AnyValue value = OTLP__ANY_VALUE__INIT;
	size_t opened = wire_open(buffer, field);

	pair.key = (char *)otlp_text(attribute->key, &key_copy);
	if (!pair.key)
		buffer->error = -ENOMEM;
	if (attribute->type != ATTRIBUTE_TEXTS) {
		set_value(buffer, &value, attribute, &text_copy);
		pair.value = &value;
	}
	if (!buffer->error)
		wire_fields(buffer, &pair.base);
	if (attribute->type == ATTRIBUTE_TEXTS)
		add_texts(buffer, attribute);
	wire_close(buffer, opened);
}
