/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stack as text, for what carries text alone: made plain (plain_text.h), a frame a line. */
#ifndef LOOPSCOPE_STACK_TEXT_H
#define LOOPSCOPE_STACK_TEXT_H

#include "base/buffer.h"
#include "model/stack.h"

/* Innermost first: "    at function (file:line)". Appends at most so many bytes, of whole lines. */
void stack_text(struct buffer *buffer, const struct stack *stack, size_t max_bytes);

#endif
