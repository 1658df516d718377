/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From registers and a copy of the stack to the addresses of all callers. */
#ifndef LOOPSCOPE_UNWIND_H
#define LOOPSCOPE_UNWIND_H

#include "symbols/native/frames.h"
#include "symbols/process/process.h"
#include "symbols/native/stack_sample.h"

/*
 * Appends the frames' addresses, with cfa and fp, the innermost first; the first one is there
 * whatever happens. By .eh_frame; by frame pointers through code that has none, as that of a
 * compiler at run time. STACK_IS_CUT: it did not come to the outermost. Bounded, and each step goes
 * towards higher addresses of the copy. -ENOMEM; anything else only ends it early.
 */
int unwind(struct process *process, const struct stack_sample *sample, struct frames *frames);

#endif
