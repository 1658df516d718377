/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The stack of the thread that runs: its registers, and the top of its stack as it is in memory,
 * from which user space unwinds, so that no frame pointers are needed. Only what is resident can
 * be read here: the rest is cut off, and marked.
 *
 * Kernel floor: 5.15.
 */
#include "stack.bpf.h"
#include "kernel_fields.bpf.h"
#include "python.bpf.h"
#include "scope.bpf.h"

#define STACK_PAGE 4096
#define STACK_CHUNKS (STACK_MAX_MEMORY / STACK_PAGE + 1)

/* From `address` on, page by page. Returns how many bytes. */
static __always_inline __u32 copy_memory(struct stack_buffer *buffer, __u64 address)
{
	__u32 size = 0;

	for (__u32 i = 0; i < STACK_CHUNKS; i++) {
		__u32 nr = STACK_PAGE - ((address + size) & (STACK_PAGE - 1));

		if (size >= STACK_MAX_MEMORY)
			break;
		if (bpf_probe_read_user(&buffer->memory[size & (STACK_MAX_MEMORY - 1)],
					((nr - 1) & (STACK_PAGE - 1)) + 1,
					(const void *)(address + size))) {
			buffer->record.flags |= STACK_CUT;
			break;
		}
		size += nr;
	}
	return size < STACK_MAX_MEMORY ? size : STACK_MAX_MEMORY;
}

/* Frames of Python behind the memory. Returns how many bytes. */
static __always_inline __u32 add_python(struct stack_buffer *buffer, struct task_struct *task,
					__u32 memory_size)
{
	__u32 nr = python_stack(&buffer->python, task_target(task), buffer->record.thread_pointer);
	__u32 size = nr * sizeof(struct python_frame);

	if (!nr || nr > PYTHON_MAX_FRAMES || memory_size > STACK_MAX_MEMORY)
		return 0;
	barrier_var(size);
	if (size > sizeof(buffer->python) ||
	    bpf_probe_read_kernel(&buffer->memory[memory_size], size, &buffer->python))
		return 0;
	buffer->record.nr_python = nr;
	return size;
}

__noinline int stack_send_current(const struct stack_request *request)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u32 cpu = bpf_get_smp_processor_id(), size;
	struct stack_buffer *buffer;
	long err;

	if (!request)
		return 0;
	buffer = bpf_map_lookup_elem(&stacks, &cpu);
	if (!buffer)
		return 0;
	stack_fill(&buffer->record, request, task);
	size = copy_memory(buffer, STACK_MEMORY(&buffer->record));
	buffer->record.memory_size = size;
	size += add_python(buffer, task, size);
	barrier_var(size);
	if (size > sizeof(buffer->memory) + sizeof(buffer->beyond))
		return 0;
	buffer->record.header.size = sizeof(buffer->record) + size;
	err = bpf_ringbuf_output(&records, buffer, sizeof(buffer->record) + size,
				 BPF_RB_FORCE_WAKEUP);
	if (err)
		count(COUNTER_RECORDS_LOST);
	return !err;
}
