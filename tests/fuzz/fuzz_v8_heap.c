/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A heap of V8's, at FAKE_V8_BASE behind a first word that says where a function is in it: followed
 * to a name, a file and a line, within what may be read.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "fake_v8.h"
#include "symbols/jit/v8_function.h"

#define BUDGET (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	const uint8_t *data;
	size_t size;
	size_t bytes_read;
};

static int read_input(void *context, uint64_t address, void *to, size_t size)
{
	struct input *input = context;

	input->bytes_read += size;
	if (address < FAKE_V8_BASE || address - FAKE_V8_BASE > input->size ||
	    size > input->size - (address - FAKE_V8_BASE))
		return -EFAULT;
	memcpy(to, input->data + (address - FAKE_V8_BASE), size);
	return 0;
}

static void check_text(const char *text)
{
	if (strnlen(text, STACK_MAX_TEXT) == STACK_MAX_TEXT)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.data = data + sizeof(uint64_t), .size = size - sizeof(uint64_t)};
	struct v8_heap heap = {.constants = &fake_v8_constants,
			       .read = read_input,
			       .context = &input,
			       .budget = BUDGET};
	struct v8_function function;
	uint64_t object;

	if (size < sizeof(object))
		return 0;
	memcpy(&object, data, sizeof(object));
	if (v8_function_read(&heap, object, &function) == 0) {
		check_text(function.name);
		check_text(function.file);
		if (!*function.name)
			abort();
	}
	if (input.bytes_read > BUDGET)
		abort();
	return 0;
}
