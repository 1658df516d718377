/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What programs of tests/export/ write into a directory, for Python to compare. */
#ifndef LOOPSCOPE_TESTS_OUTPUT_FILES_H
#define LOOPSCOPE_TESTS_OUTPUT_FILES_H

#include <stdio.h>

#include "base/buffer.h"

/* Ends the program, with a message, if it cannot. */
FILE *output_create(const char *directory, const char *name);

/* In quotes and hexadecimal digits, since it may be anything; NULL: "". */
void output_text(FILE *out, const char *text);

struct output_requests {
	const char *directory;
	FILE *counts; /* a line for each request: how many it is said to hold */
	unsigned int nr;
};

/* An otlp_request_fn: writes request-N; the context is a struct output_requests. */
int output_request(struct buffer *request, size_t nr_held, void *context);

#endif
