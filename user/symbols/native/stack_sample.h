/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a stack is made from: the kernel's record, and the bytes of the thread's stack, which were
 * copied while it stood there, by the kernel (on CPU) or by capture.h (asleep).
 */
#ifndef LOOPSCOPE_STACK_SAMPLE_H
#define LOOPSCOPE_STACK_SAMPLE_H

#include <stddef.h>
#include <stdint.h>

#include "python_frames.h"
#include "stall.h"

struct stack_sample {
	const struct stack_record *record; /* checked by stack_record.h; its numbers are hostile */
	const unsigned char *memory;       /* from STACK_MEMORY on */
	size_t memory_size;
	const struct python_frame *python; /* the innermost first */
	size_t nr_python;
	uint8_t flags; /* of struct stack */
};

/* The stack pointer: behind what a function may use below it. */
static inline uint64_t stack_sample_pointer(const struct stack_sample *sample)
{
	return sample->record->registers[STACK_REGISTER_SP];
}

/* Bytes of the copy alone, which belong together; -EFAULT: it does not have all of them. */
int stack_sample_read(const struct stack_sample *sample, uint64_t address, void *to, size_t size);

#endif
