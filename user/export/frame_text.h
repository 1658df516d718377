/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames and stacks as text, for what carries text alone. The texts are as hostile as the names. */
#ifndef LOOPSCOPE_FRAME_TEXT_H
#define LOOPSCOPE_FRAME_TEXT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "model/stack.h"

#define FRAME_NAME_LEN (STACK_MAX_TEXT + 32)

/* The function, else the module's last part and the offset in it, else the address. */
const char *frame_name(const struct stack_frame *frame, char name[FRAME_NAME_LEN]);

/* Whether that is more than an address, and the same in another process. */
bool frame_has_name(const struct stack_frame *frame);

/* A frame a line, innermost first: "    at function (file:line)". Appends at most so many bytes. */
void stack_text(struct buffer *buffer, const struct stack *stack, size_t max_bytes);

#endif
