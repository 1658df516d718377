/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An interpreter's structures in memory that is none's: threads, frames and code objects as a
 * version lays them out, to be walked.
 */
#ifndef LOOPSCOPE_PYTHON_HEAP_H
#define LOOPSCOPE_PYTHON_HEAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define PYTHON_HEAP_BASE 0x10000
#define PYTHON_HEAP_SIZE 65536

struct python_heap {
	unsigned char bytes[PYTHON_HEAP_SIZE];
	size_t used;
	unsigned int nr_reads;
};

static inline int python_heap_read(struct python_heap *heap, void *to, size_t size,
				   uint64_t address)
{
	uint64_t offset = address - PYTHON_HEAP_BASE;

	heap->nr_reads++;
	if (offset > PYTHON_HEAP_SIZE || size > PYTHON_HEAP_SIZE - offset)
		return -EFAULT;
	memcpy(to, heap->bytes + offset, size);
	return 0;
}

#define PYTHON_CONTEXT struct python_heap *
#define PYTHON_STEP static inline
#define PYTHON_READ(context, to, size, address) python_heap_read(context, to, size, address)

#include "python_walk.h"

/* Owners of frames. */
#define PYTHON_OWNER_THREAD 0
#define PYTHON_OWNER_GENERATOR 1
#define PYTHON_OWNER_SHIM 3

uint64_t python_heap_new(struct python_heap *heap, size_t size);
void python_heap_put(struct python_heap *heap, const struct python_runtime *runtime, uint64_t base,
		     enum python_offset at, uint64_t value);

/* A runtime with one interpreter, which has no thread. */
void python_heap_init(struct python_heap *heap, __u32 version, struct python_runtime *ret_runtime);
uint64_t python_heap_interpreter(struct python_heap *heap, struct python_runtime *runtime);

/* Added at the front, as new ones are. */
uint64_t python_heap_thread(struct python_heap *heap, const struct python_runtime *runtime,
			    uint64_t interpreter, uint64_t id, uint64_t native_id);

uint64_t python_heap_text(struct python_heap *heap, const struct python_runtime *runtime,
			  const char *text);
uint64_t python_heap_code(struct python_heap *heap, const struct python_runtime *runtime,
			  const char *name, const char *file, int32_t first_line);

/* Called by `caller`, in the instruction that many bytes on; it becomes the thread's innermost. */
uint64_t python_heap_frame(struct python_heap *heap, const struct python_runtime *runtime,
			   uint64_t thread, uint64_t caller, uint64_t code, uint32_t instruction,
			   bool is_entry);

#endif
