/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a function of JavaScript is called, and where it begins. */
#ifndef LOOPSCOPE_V8_FUNCTION_H
#define LOOPSCOPE_V8_FUNCTION_H

#include "model/stack.h"
#include "symbols/jit/v8_heap.h"

struct v8_function {
	char name[STACK_MAX_TEXT];
	char file[STACK_MAX_TEXT]; /* "" for code of eval and the like */
	uint32_t line;             /* that it begins in; 0: not known */
	bool is_builtin;           /* of V8 itself, in no script */
};

/* -EINVAL: it is none; -EFAULT: it is none any more, or its memory is not there. */
int v8_function_read(struct v8_heap *heap, uint64_t function, struct v8_function *ret_function);

/* The line of a position in a script, from 1; 0 if it cannot be told. */
uint32_t v8_script_line(struct v8_heap *heap, uint64_t script, uint32_t position);

#endif
