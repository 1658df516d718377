/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Words of a stack's frames: the same in every picture. */
#ifndef LOOPSCOPE_FRAME_TEXT_H
#define LOOPSCOPE_FRAME_TEXT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "model/stack.h"

/*
 * Appends its function, else "module+0x1f", else its address. Returns buffer->error. As hostile as
 * what the process calls its functions.
 */
int frame_text_append(struct buffer *buffer, const struct stack_frame *frame);

/* The same made plain (plain_text.h): for what has no way of its own to carry any text. */
int frame_text_append_plain(struct buffer *buffer, const struct stack_frame *frame);

/* Whether it is more than an address, and the same in another process. */
bool frame_text_is_name(const struct stack_frame *frame);

/* What follows the last slash. */
const char *frame_text_base(const char *path);

/* In place of a stack of which nothing is known, and of outer frames that are missing. */
#define FRAME_TEXT_NO_STACK "[no stack]"
#define FRAME_TEXT_CUT "[outer frames missing]"

#endif
