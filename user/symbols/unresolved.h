/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A stack that nobody finds names for. */
#ifndef LOOPSCOPE_UNRESOLVED_H
#define LOOPSCOPE_UNRESOLVED_H

#include "base/buffer.h"
#include "stall.h"

/*
 * Appends the bytes of a stack, STACK_IS_PARTIAL: what the record itself tells, which is an address
 * and the names of frames of Python. The record is a valid one (stack_record.h), aligned.
 */
void unresolved_stack(struct buffer *buffer, const struct stack_record *record);

#endif
