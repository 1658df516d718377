/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a record of a stack to the stack with names. It runs in loopscope-symbols: it reads memory
 * and files of other processes, and may crash over them. One stack passes through these, in order:
 *
 *   capture.h       off CPU: the thread's stack and frames of Python, read while it sleeps
 *   unwind.h        addresses of all frames
 *   native_names.h  names from ELF files, inlined frames
 *   v8_names.h      frames of JavaScript
 *   perf_map.h      what else a compiler at run time has written
 *   python_merge.h  frames of Python
 *
 * Each takes struct process (process.h), struct stack_sample (stack_sample.h) and struct frames
 * (frames.h), and leaves alone what others have named. What one of them cannot find out never ends
 * it: frames then have fewer names.
 */
#ifndef LOOPSCOPE_SYMBOLIZER_H
#define LOOPSCOPE_SYMBOLIZER_H

#include <stddef.h>

#include "base/buffer.h"
#include "symbols/process/capture.h"

struct symbolizer;

struct symbolizer_options {
	unsigned int max_processes; /* known at once; beyond, the one not used for longest goes */
};

struct symbolizer_stats {
	uint64_t processes;
	uint64_t evictions;
};

/* -ENOMEM. symbolizer_free takes NULL. */
int symbolizer_new(const struct symbolizer_options *options, struct symbolizer **ret_symbolizer);
void symbolizer_free(struct symbolizer *symbolizer);
DEFINE_CLEANUP(struct symbolizer *, symbolizer_free)

/* Looks for the interpreter of a process: version 0 if there is none. -ESRCH, -errno. */
int symbolizer_prepare(struct symbolizer *symbolizer, pid_t pid, uint64_t process_start_ns,
		       struct python_runtime *ret_runtime);

/* What a stack taken off CPU needs of the thread at once: before others are given names. */
void symbolizer_capture(struct symbolizer *symbolizer, const struct stack_record *record,
			struct capture *ret_capture);

/*
 * Appends the bytes of a stack (model/stack.h) to `buffer`. `record` is one that stack_record.h
 * found sound, with all that follows it; `capture` is NULL unless it was taken off CPU. -ENOMEM.
 */
int symbolizer_resolve(struct symbolizer *symbolizer, const struct stack_record *record,
		       const struct capture *capture, struct buffer *buffer);

void symbolizer_stats(const struct symbolizer *symbolizer, struct symbolizer_stats *ret_stats);

#endif
