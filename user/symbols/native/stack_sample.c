/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Addresses come from registers and memory of others, so sums of them may overflow. */
#include "symbols/native/stack_sample.h"

#include <errno.h>
#include <string.h>

int stack_sample_read(const struct stack_sample *sample, uint64_t address, void *to, size_t size)
{
	uint64_t start = STACK_MEMORY(sample->record), offset = address - start;

	if (address < start || offset > sample->memory_size || size > sample->memory_size - offset)
		return -EFAULT;
	memcpy(to, sample->memory + offset, size);
	return 0;
}
