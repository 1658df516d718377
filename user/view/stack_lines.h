/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames and stacks as text for people. Names are made harmless. */
#ifndef LOOPSCOPE_STACK_LINES_H
#define LOOPSCOPE_STACK_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "model/stack.h"

#define STACK_LINES_NAME_LEN (4 * STACK_MAX_TEXT) /* escaped */

struct stack_lines_options {
	bool unicode;
	bool styles; /* bold and dim */
	bool full;   /* every frame */
};

/* What there is of a name: function, or offset in a module, or address. */
void stack_lines_name(const struct stack_frame *frame, size_t size, char *ret_name);

/* Behind its name: where it is. Of what is not the application's, the file's name is enough. */
void stack_lines_place(FILE *out, const struct stack_frame *frame);

/*
 * A line each, innermost first, the culprit (NULL: there is none) in bold, what is not of the
 * application dimmed. Unless `full`: the innermost frames, the culprit, the innermost of the
 * application; the others are counted.
 */
void stack_lines_write(FILE *out, const char *indent, const struct stack *stack,
		       const struct stack_frame *culprit,
		       const struct stack_lines_options *options);

/*
 * Never 0; the same for stacks that say the same of the application: which functions called which,
 * not where in them it is, nor what they have called of others.
 */
uint64_t stack_lines_likeness(const struct stack *stack, const struct stack_frame *culprit);

#endif
