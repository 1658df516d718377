/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who has the lock that a thread sleeps for: CPython's GIL, or a mutex of glibc. All of it is told
 * by the process itself, so nobody is named unless everything fits.
 */
#ifndef LOOPSCOPE_LOCK_HOLDER_H
#define LOOPSCOPE_LOCK_HOLDER_H

#include "model/stack.h"
#include "symbols/process/process.h"

/* Called while the thread sleeps as its record says. `tid` is 0 if nobody can be named. */
void lock_holder_read(struct process *process, const struct stack_record *record,
		      struct stack_holder *ret_holder);

/*
 * gettid() of the thread that has the GIL for which threads wait at the futex `address`; 0: there
 * is no such interpreter, or nobody has it.
 */
uint64_t python_gil_holder(struct process *process, uint64_t address);

#endif
