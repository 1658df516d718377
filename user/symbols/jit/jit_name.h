/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a name of a perf map says: those of Node, of Java and of Python are told apart by form. */
#ifndef LOOPSCOPE_JIT_NAME_H
#define LOOPSCOPE_JIT_NAME_H

#include "model/stack.h"

struct jit_name {
	char function[STACK_MAX_TEXT]; /* cut to fit, as `file` */
	char file[STACK_MAX_TEXT];     /* "" if it is not told */
	uint32_t line;                 /* that the function begins in; 0: not told */
	uint8_t language;              /* enum frame_language */
	uint8_t flags;                 /* FRAME_RUNTIME */
};

/* `text` is hostile, of `length` bytes without NUL. */
void jit_name_parse(const char *text, size_t length, struct jit_name *ret_name);

#endif
