/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One stall: what changes of it with a record, with a stack, and with time. See stalls.h. */
#ifndef LOOPSCOPE_STALL_PARTS_H
#define LOOPSCOPE_STALL_PARTS_H

#include "model/stalls.h"

/* All that a record tells, in place of what was told before; the stacks stay. */
void stall_set(struct stall *stall, const struct stall_record *record);

/* It has lasted until then, doing what it does; no earlier than it has already. */
void stall_lasts_until(struct stall *stall, __u64 until_ns);

/* Drops the stack that stands for least, of some; the next one stands for its time, too. */
void stall_drop_stack(struct stall *stall);

/* Takes the stack over; where there are `max` already, another one goes. -ENOMEM: not taken. */
int stall_add_stack(struct stall *stall, struct stack *stack, unsigned int max);

/* Frees what it owns. */
void stall_done(struct stall *stall);

#endif
