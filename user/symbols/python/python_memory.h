/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The walker over another process's memory, and what this program knows of its interpreter. */
#ifndef LOOPSCOPE_PYTHON_MEMORY_H
#define LOOPSCOPE_PYTHON_MEMORY_H

#include <stdbool.h>

#include "symbols/process/process.h"

#define PYTHON_MAX_THREADS 4096 /* nobody waits for it as the kernel does */
#define PYTHON_CONTEXT const struct process *
#define PYTHON_STEP static inline
#define PYTHON_READ(context, to, size, address) process_read(context, address, to, size)

#include "python_walk.h"

struct python_process {
	struct python_runtime runtime; /* version 0: none */
};

/* A text of any kind as UTF-8, cut to fit, ended with NUL. Its length; -EFAULT, -EBADMSG. */
ssize_t python_text_read(const struct process *process, const struct python_runtime *runtime,
			 uint64_t string, char *to, size_t size);

#endif
