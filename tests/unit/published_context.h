/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A process context that the test publishes of itself, as an SDK does. */
#ifndef LOOPSCOPE_TESTS_PUBLISHED_CONTEXT_H
#define LOOPSCOPE_TESTS_PUBLISHED_CONTEXT_H

#include <stddef.h>

#include "identity/process_context.h"

#define PUBLISHED_SIZE (2 * PROCESS_CONTEXT_MAX_PAYLOAD)

/* The mapping's first bytes: behind it is room for a payload. */
struct published_context {
	struct process_context_header header;
	unsigned char payload[PUBLISHED_SIZE - sizeof(struct process_context_header)];
};

/* Written by opentelemetry-proto: every type of value, and an attribute that is no resource's. */
extern const unsigned char published_example[];
extern const size_t published_example_size;

struct published_context *published_new(const void *payload, size_t size);
void published_free(struct published_context *context);

/* A payload by hand: texts as attributes, then the frames around them. All zero is an empty one. */
struct payload_writer {
	unsigned char bytes[PUBLISHED_SIZE];
	size_t size;
};

void payload_add(struct payload_writer *writer, const char *key, const void *value, size_t size);

void payload_finish(struct payload_writer *writer);

#endif
