/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What passes here is of the size that it says. */
#include "symbols/stack_record.h"

#include <stdint.h>
#include <string.h>

#define KNOWN_FLAGS (STACK_OFF_CPU | STACK_CUT)

static bool header_valid(const struct record_header *header, size_t size)
{
	return header->size == size && !header->reserved && header->time_ns <= INT64_MAX;
}

bool stack_record_valid(const void *record, size_t size)
{
	struct stack_record stack;

	if (size < sizeof(stack) || size > STACK_RECORD_MAX_SIZE)
		return false;
	memcpy(&stack, record, sizeof(stack));
	return header_valid(&stack.header, size) && stack.header.kind == RECORD_STACK &&
	       stack.start_ns <= stack.header.time_ns && stack.cause < NR_CAUSES &&
	       !(stack.flags & ~KNOWN_FLAGS) && stack.nr_registers == STACK_NR_REGISTERS &&
	       stack.memory_size <= STACK_MAX_MEMORY && stack.memory_size % 8 == 0 &&
	       stack.nr_python <= PYTHON_MAX_FRAMES &&
	       size == sizeof(stack) + stack.memory_size +
			       stack.nr_python * sizeof(struct python_frame);
}
