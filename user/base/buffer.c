/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Grows by doubling, so that appending is linear in what is appended. */
#include "base/buffer.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define CAPACITY_MIN 256

int buffer_reserve(struct buffer *buffer, size_t size)
{
	size_t capacity = buffer->capacity ? buffer->capacity : CAPACITY_MIN;
	unsigned char *data;

	if (buffer->error || buffer->capacity - buffer->size >= size)
		return buffer->error;
	while (capacity - buffer->size < size) {
		if (__builtin_mul_overflow(capacity, 2, &capacity))
			return buffer->error = -ENOMEM;
	}
	data = realloc(buffer->data, capacity);
	if (!data)
		return buffer->error = -ENOMEM;
	buffer->data = data;
	buffer->capacity = capacity;
	return 0;
}

int buffer_append(struct buffer *buffer, const void *data, size_t size)
{
	if (!size || buffer_reserve(buffer, size))
		return buffer->error;
	memcpy(buffer->data + buffer->size, data, size);
	buffer->size += size;
	return 0;
}

int buffer_append_text(struct buffer *buffer, const char *text)
{
	return buffer_append(buffer, text, strlen(text));
}

static int append_formatted(struct buffer *buffer, const char *format, va_list arguments)
{
	size_t room = buffer->capacity - buffer->size;
	va_list again;
	int length;

	va_copy(again, arguments);
	length = vsnprintf((char *)buffer->data + buffer->size, room, format, arguments);
	if (length >= 0 && (size_t)length >= room) {
		if (!buffer_reserve(buffer, (size_t)length + 1))
			vsnprintf((char *)buffer->data + buffer->size, (size_t)length + 1, format,
				  again);
	}
	va_end(again);
	if (length < 0)
		buffer->error = -EINVAL;
	if (!buffer->error)
		buffer->size += (size_t)length;
	return buffer->error;
}

int buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;

	if (buffer_reserve(buffer, 1))
		return buffer->error;
	va_start(arguments, format);
	append_formatted(buffer, format, arguments);
	va_end(arguments);
	return buffer->error;
}

void buffer_reset(struct buffer *buffer)
{
	buffer->size = 0;
	buffer->error = 0;
}

void buffer_done(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){};
}
