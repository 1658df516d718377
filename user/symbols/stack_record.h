/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A record of a stack, checked in full before anything of it is used. */
#ifndef LOOPSCOPE_STACK_RECORD_H
#define LOOPSCOPE_STACK_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "python_frames.h"
#include "stall.h"

#define STACK_RECORD_MAX_SIZE                             \
	(sizeof(struct stack_record) + STACK_MAX_MEMORY + \
	 PYTHON_MAX_FRAMES * sizeof(struct python_frame))

/*
 * It is of the size that it says, and its enumerations and flags are known ones. Registers,
 * memory and frames may hold anything. `record` need not be aligned.
 */
bool stack_record_valid(const void *record, size_t size);

#endif
