/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Page by page, for one call may stop before the first page that it cannot have. Behind the last
 * page of a stack there is nothing as a rule, so an end that comes early is no fault.
 */
#include "symbols/process/capture.h"

#include <sys/types.h>
#include <sys/uio.h>

#include "symbols/lock_holder.h"
#include "symbols/python/python_merge.h"
#include "symbols/process/thread_switches.h"

#define PAGE 4096U /* no page is smaller */
#define MAX_PIECES (CAPTURE_MAX_MEMORY / PAGE + 1)

static size_t read_memory(const struct process *process, uint64_t address, void *to, size_t size)
{
	struct iovec local = {to, size}, remote[MAX_PIECES];
	unsigned int nr = 0;
	ssize_t n;

	while (size) {
		size_t piece = PAGE - address % PAGE;

		if (piece > size)
			piece = size;
		remote[nr++] = (struct iovec){(void *)(uintptr_t)address, piece};
		address += piece;
		size -= piece;
	}
	n = process_vm_readv(process->pid, &local, 1, remote, nr, 0);
	return n < 0 ? 0 : (size_t)n;
}

static void read_thread(struct process *process, const struct stack_record *record,
			struct capture *capture)
{
	capture->memory_size = read_memory(process, STACK_MEMORY(record), capture->memory,
					   sizeof(capture->memory));
	capture->nr_python = (size_t)python_read_frames(process, record, capture->python);
	lock_holder_read(process, record, &capture->holder);
}

static void clear(struct capture *capture)
{
	capture->memory_size = 0;
	capture->nr_python = 0;
	capture->holder = (struct stack_holder){};
	capture->flags = 0;
}

/* What was read of a thread that has run is of no stack that ever was. */
void capture_thread(struct process *process, const struct stack_record *record,
		    struct capture *ret_capture)
{
	pid_t tid = (pid_t)record->id.tid;
	struct thread_switches before, after;

	clear(ret_capture);
	if (process && !thread_switches_read(process->proc_fd, process->pid, tid, &before) &&
	    before.out == record->switches) {
		read_thread(process, record, ret_capture);
		if (!thread_switches_read(process->proc_fd, process->pid, tid, &after) &&
		    thread_has_stood(record->switches, &before, &after))
			return;
	}
	clear(ret_capture);
	ret_capture->flags = STACK_IS_MISSING;
}
