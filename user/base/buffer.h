/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bytes that are appended to: what encoders write into. All zero is an empty one. */
#ifndef LOOPSCOPE_BUFFER_H
#define LOOPSCOPE_BUFFER_H

#include <stddef.h>

#include "base/cleanup.h"

struct buffer {
	unsigned char *data; /* owned */
	size_t size;         /* in use */
	size_t capacity;
	int error; /* -ENOMEM once an append has failed: later ones do nothing */
};

/* Each returns buffer->error, so that a writer may append at will and look once, at the end. */
int buffer_append(struct buffer *buffer, const void *data, size_t size);
int buffer_append_text(struct buffer *buffer, const char *text);
int buffer_printf(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Makes room for `size` more bytes, for a writer that fills them in itself. */
int buffer_reserve(struct buffer *buffer, size_t size);

/* Empties it and keeps its memory. */
void buffer_reset(struct buffer *buffer);
void buffer_done(struct buffer *buffer);

#endif
