/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames of another process's thread, by the same walker as the kernel side's. */
#include "symbols/python/python_memory.h"
#include "symbols/python/python_merge.h"
#include "symbols/thread_numbers.h"

int python_read_frames(struct process *process, const struct stack_record *record,
		       struct python_frame *ret_frames)
{
	struct python_runtime runtime;
	uint64_t thread;

	if (python_find(process, &runtime) || !runtime.version)
		return 0;
	thread = python_thread(&runtime, process, record->thread_pointer, 0);
	if (!thread) /* its pthread_self() is not the thread pointer on every machine */
		thread = python_thread(&runtime, process, 0,
				       thread_native_id(process, (pid_t)record->id.tid));
	return thread ? python_frames(&runtime, process, thread, ret_frames) : 0;
}
