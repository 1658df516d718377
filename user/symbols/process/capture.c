/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Page by page, for one call may stop before the first page that it cannot have. Behind the last
 * page of a stack there is nothing as a rule, so an end that comes early is no fault.
 *
 * A thread that is found running may be back in its place in a moment. It is given two more, but no
 * longer: others that sleep now are to be read next.
 */
#include "symbols/process/capture.h"

#include <errno.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>

#include "identity/proc.h"
#include "symbols/lock_holder.h"
#include "symbols/python/python_merge.h"
#include "symbols/process/thread_switches.h"

#define PAGE 4096U /* no page is smaller */
#define MAX_PIECES (CAPTURE_MAX_MEMORY / PAGE + 1)
#define MAX_TRIES 3
#define RETRY_NS 1000000

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

/* It sleeps where its record says: 0; -EAGAIN: it runs; -ESRCH: elsewhere, or it is gone. */
static int find_in_place(const struct process *process, const struct stack_record *record)
{
	const __u64 *registers = record->registers;
	struct proc_syscall syscall;
	char path[64];

	snprintf(path, sizeof(path), "task/%u/syscall", record->id.tid);
	if (proc_syscall_read(process->proc_fd, path, &syscall))
		return -ESRCH;
	if (syscall.running)
		return -EAGAIN;
	return syscall.nr >= 0 && syscall.nr == record->syscall_nr &&
			       syscall.args[0] == registers[STACK_REGISTER_ARGUMENT] &&
			       syscall.sp == registers[STACK_REGISTER_SP] &&
			       syscall.pc == registers[STACK_REGISTER_PC]
		       ? 0
		       : -ESRCH;
}

/* As find_in_place. What was read of a thread that ran meanwhile is of no stack that ever was. */
static int try_to_read(struct process *process, const struct stack_record *record,
		       struct capture *capture)
{
	pid_t tid = (pid_t)record->id.tid;
	struct thread_switches before, after;
	int r = thread_switches_read(process->proc_fd, process->pid, tid, &before);

	if (!r && before.out != record->switches)
		r = find_in_place(process, record);
	if (r)
		return r;
	read_thread(process, record, capture);
	r = thread_switches_read(process->proc_fd, process->pid, tid, &after);
	if (r)
		return r;
	return thread_has_stood(before.out, &before, &after) ? 0 : -EAGAIN;
}

void capture_thread(struct process *process, const struct stack_record *record,
		    struct capture *ret_capture)
{
	int r = process ? -EAGAIN : -ESRCH;

	clear(ret_capture);
	for (int i = 0; i < MAX_TRIES && r == -EAGAIN; i++) {
		if (i)
			nanosleep(&(struct timespec){.tv_nsec = RETRY_NS}, NULL);
		r = try_to_read(process, record, ret_capture);
	}
	if (!r)
		return;
	clear(ret_capture);
	ret_capture->flags = STACK_IS_MISSING;
}
