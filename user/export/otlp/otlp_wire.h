/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Protobuf messages appended to a buffer. A message that others are added to is
 * opened and closed: repeated fields may come one by one, so that what is large
 * is never held twice. Errors stay in the buffer.
 */
#ifndef LOOPSCOPE_OTLP_WIRE_H
#define LOOPSCOPE_OTLP_WIRE_H

#include <protobuf-c/protobuf-c.h>

#include "base/buffer.h"
#include "export/instruments.h"

/* Opens the message of a field; what it returns is for wire_close, in the reverse order. */
size_t wire_open(struct buffer *buffer, unsigned int field);

/* Never makes the buffer larger. */
void wire_close(struct buffer *buffer, size_t opened);

/* The fields of a message, without its length: into the one that is open. */
void wire_fields(struct buffer *buffer, const ProtobufCMessage *message);

/* An AnyValue that is a text, repaired if need be. */
void wire_text(struct buffer *buffer, unsigned int field, const char *text);

/* A KeyValue; its text is repaired if need be. */
void wire_attribute(struct buffer *buffer, unsigned int field, const struct attribute *attribute);

#endif
