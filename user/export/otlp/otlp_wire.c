/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A length comes before its message, and is known after it: room for the longest
 * is left, and closed up once it is known.
 */
#include "export/otlp/otlp_wire.h"

#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "proto/otlp_common.pb-c.h"

#define VARINT 0
#define LENGTH_DELIMITED 2
#define LENGTH_MAX 5 /* of 32 bits; a buffer is far smaller */
#define VARINT_MAX 10

static size_t put_varint(unsigned char *to, __u64 value)
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

/*
 * Attributes are most of a request, and written by hand: that saves a third of the time. Fields
 * of KeyValue and ArrayValue; those of AnyValue are the cases of its value.
 */
#define KEY_VALUE_KEY 1
#define KEY_VALUE_VALUE 2
#define ARRAY_VALUE_VALUES 1

/* A tag and a number below 2^64, or a length. */
static void add_varint(struct buffer *buffer, unsigned int field, unsigned int type, __u64 value)
{
	unsigned char *end;

	if (buffer_reserve(buffer, 2 * VARINT_MAX))
		return;
	end = buffer->data + buffer->size;
	end += put_varint(end, field << 3 | type);
	end += put_varint(end, value);
	buffer->size = (size_t)(end - buffer->data);
}

static void add_text(struct buffer *buffer, unsigned int field, const char *text)
{
	_cleanup_(freep) char *copy = NULL;
	size_t size;

	text = utf8_text(text, &copy);
	if (!text) {
		buffer->error = -ENOMEM;
		return;
	}
	size = strlen(text);
	add_varint(buffer, field, LENGTH_DELIMITED, size);
	buffer_append(buffer, text, size);
}

static void add_texts(struct buffer *buffer, const struct attribute *attribute)
{
	size_t array = wire_open(buffer, OTLP__ANY_VALUE__VALUE_ARRAY_VALUE);

	for (size_t i = 0; i < attribute->texts.nr; i++) {
		size_t value = wire_open(buffer, ARRAY_VALUE_VALUES);

		add_text(buffer, OTLP__ANY_VALUE__VALUE_STRING_VALUE, attribute->texts.items[i]);
		wire_close(buffer, value);
	}
	wire_close(buffer, array);
}

static void add_double(struct buffer *buffer, double number)
{
	Otlp__AnyValue value = OTLP__ANY_VALUE__INIT;

	value.value_case = OTLP__ANY_VALUE__VALUE_DOUBLE_VALUE;
	value.double_value = number;
	wire_fields(buffer, &value.base);
}

static void add_value(struct buffer *buffer, const struct attribute *attribute)
{
	switch (attribute->type) {
	case ATTRIBUTE_TEXT:
		add_text(buffer, OTLP__ANY_VALUE__VALUE_STRING_VALUE, attribute->text);
		break;
	case ATTRIBUTE_INTEGER:
		add_varint(buffer, OTLP__ANY_VALUE__VALUE_INT_VALUE, VARINT,
			   (__u64)attribute->integer);
		break;
	case ATTRIBUTE_DOUBLE:
		add_double(buffer, attribute->number);
		break;
	case ATTRIBUTE_BOOLEAN:
		add_varint(buffer, OTLP__ANY_VALUE__VALUE_BOOL_VALUE, VARINT, attribute->boolean);
		break;
	case ATTRIBUTE_TEXTS:
		add_texts(buffer, attribute);
		break;
	}
}

void wire_text(struct buffer *buffer, unsigned int field, const char *text)
{
	size_t value = wire_open(buffer, field);

	add_text(buffer, OTLP__ANY_VALUE__VALUE_STRING_VALUE, text);
	wire_close(buffer, value);
}

void wire_attribute(struct buffer *buffer, unsigned int field, const struct attribute *attribute)
{
	size_t pair = wire_open(buffer, field), value;

	add_text(buffer, KEY_VALUE_KEY, attribute->key);
	value = wire_open(buffer, KEY_VALUE_VALUE);
	add_value(buffer, attribute);
	wire_close(buffer, value);
	wire_close(buffer, pair);
}
