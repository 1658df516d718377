/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Callers of code that has neither CFI nor frame pointers: musl, the C library of small images. */
#ifndef LOOPSCOPE_UNWIND_SCAN_H
#define LOOPSCOPE_UNWIND_SCAN_H

#include <stdbool.h>
#include <stdint.h>

#include "symbols/process/address_space.h"
#include "symbols/process/process.h"
#include "symbols/native/stack_sample.h"

/* The file is musl. */
bool unwind_scan_applies(const struct code_file *file);

/*
 * The nearest word from the stack pointer on that is a return address: of code, behind a call. One
 * that an earlier call has left is not told apart, so the frame found may be one too many. -ENOENT.
 */
int unwind_scan(struct process *process, const struct stack_sample *sample, uint64_t stack_pointer,
		uint64_t *ret_pc, uint64_t *ret_cfa);

#endif
