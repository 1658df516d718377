/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames of CPython among the native ones of its interpreter. */
#ifndef LOOPSCOPE_PYTHON_MERGE_H
#define LOOPSCOPE_PYTHON_MERGE_H

#include "python_frames.h"
#include "symbols/native/frames.h"
#include "symbols/process/process.h"
#include "symbols/native/stack_sample.h"

/* The interpreter, found once for a process: version 0 if there is none. -errno: not this time. */
int python_find(struct process *process, struct python_runtime *ret_runtime);

/*
 * The frames of a thread that sleeps, as the kernel side reads them of one that runs: at most
 * PYTHON_MAX_FRAMES, innermost first. Called while the thread's stack is copied; what was read
 * is thrown away if the thread has run meanwhile. Their number, 0 if no interpreter is there.
 */
int python_read_frames(struct process *process, const struct stack_record *record,
		       struct python_frame *ret_frames);

/*
 * Puts the sample's frames of Python, with lines and whole names, in the place of the interpreter's
 * own functions: frames with address 0. STACK_IS_PARTIAL: frames are missing. `process` is NULL if
 * it is gone: the sample's frames of Python then stand as they are. -ENOMEM.
 */
int python_merge(struct process *process, const struct stack_sample *sample, struct frames *frames);

void python_process_free(struct python_process *python);

#endif
