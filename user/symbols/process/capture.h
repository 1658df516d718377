/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stack of a thread that sleeps, read while it does. A thread that has run since the kernel
 * looked at its registers has another stack, unless it sleeps in the same place again: in the same
 * call, of the same first argument, with the same stack and program counter. Whoever waits with a
 * timeout, time and again, does so; CPython's threads wait for the GIL in steps of 5 ms. Their
 * stack is the one at the time of reading, in the same place, if maybe of a later wait there.
 */
#ifndef LOOPSCOPE_CAPTURE_H
#define LOOPSCOPE_CAPTURE_H

#include "model/stack.h"
#include "symbols/process/process.h"
#include "symbols/native/stack_sample.h"

#define CAPTURE_MAX_MEMORY 65536 /* more than the kernel can copy */

struct capture {
	size_t memory_size;
	size_t nr_python;
	struct stack_holder holder;
	uint8_t flags; /* STACK_IS_MISSING: it moved on or is gone */
	unsigned char memory[CAPTURE_MAX_MEMORY];
	struct python_frame python[PYTHON_MAX_FRAMES];
};

/* Takes no more than some milliseconds. `process` may be NULL: it is gone. */
void capture_thread(struct process *process, const struct stack_record *record,
		    struct capture *ret_capture);

#endif
