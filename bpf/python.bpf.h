/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPython's frames of the present task. */
#ifndef LOOPSCOPE_PYTHON_BPF_H
#define LOOPSCOPE_PYTHON_BPF_H

#include <vmlinux.h>

#include "python_frames.h"

/* What frames are written to: in the ring, or in a map's value. */
struct python_stack {
	struct python_frame frames[PYTHON_MAX_FRAMES]; /* the innermost first */
};

/*
 * The frames that the present task, a thread of the process `pid` (see task_target), is in.
 * `thread_pointer` is fs base on x86. Returns how many were written: 0 if the process runs no
 * interpreter that user space has told of, or the thread none of its code. Of what is behind
 * them, nothing is changed but the frame that could not be read.
 */
extern int python_stack(struct python_stack *stack, __u32 pid, __u64 thread_pointer);

/* The process ends, or becomes another program. */
extern int python_forget(__u32 pid);

#endif
