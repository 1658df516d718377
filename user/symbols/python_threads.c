/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Frames of another process's thread, by the same walker as the kernel side's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/proc.h"
#include "symbols/python_memory.h"
#include "symbols/python_merge.h"

#define STATUS_LEN 16384 /* groups stand before what is looked for */

/* What gettid() is to the thread itself, where it may have another than here; 0: not known. */
static uint64_t native_thread_id(const struct process *process, pid_t tid)
{
	char path[64], text[STATUS_LEN], *line, *end;

	snprintf(path, sizeof(path), "task/%d/status", (int)tid);
	if (proc_read(process->proc_fd, path, text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "\nNSpid:");
	end = line ? strchr(line + 1, '\n') : NULL;
	if (!end)
		return 0;
	*end = '\0';
	line = strrchr(line, '\t'); /* the innermost namespace's is the last */
	return line ? strtoull(line + 1, NULL, 10) : 0;
}

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
				       native_thread_id(process, (pid_t)record->id.tid));
	return thread ? python_frames(&runtime, process, thread, ret_frames) : 0;
}
