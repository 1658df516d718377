/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a frame of Python does not say of itself: its line, and names that did not fit. */
#ifndef LOOPSCOPE_PYTHON_CODE_H
#define LOOPSCOPE_PYTHON_CODE_H

#include "model/stack.h"
#include "symbols/python/python_memory.h"

struct python_names {
	char function[STACK_MAX_TEXT];
	char file[STACK_MAX_TEXT];
	uint32_t line;
};

/*
 * Asks the process, if its code object is still the frame's; what it no longer tells is as the
 * frame has it: names cut short, and the function's first line.
 */
void python_code_names(const struct process *process, const struct python_runtime *runtime,
		       const struct python_frame *frame, struct python_names *ret_names);

/* Of a library, not of the program: Python's own, or in a directory that packages go to. */
enum python_origin {
	PYTHON_APPLICATION,
	PYTHON_PACKAGE,
	PYTHON_LIBRARY,
};

enum python_origin python_origin_of(const char *file);

#endif
