/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is behind the descriptor that a loop waits on. Read without locks: it may change meanwhile.
 */
#ifndef LOOPSCOPE_DESCRIPTOR_BPF_H
#define LOOPSCOPE_DESCRIPTOR_BPF_H

#include "state.bpf.h"
#include "wait_source.h"
#include <bpf/bpf_core_read.h>

#define MAX_REGISTERED_RINGS 16

/* More completions in one wait than any ring holds: it is another ring. */
#define RING_MAX_COMPLETIONS (1 << 20)

/* NULL: none of that number, or not to be told. */
static __always_inline struct file *descriptor_file(struct task_struct *task, __s32 descriptor)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (!table || descriptor < 0 || (__u32)descriptor >= BPF_CORE_READ(table, max_fds))
		return NULL;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + descriptor);
	return file;
}

/* What kind of file it is, as a number; 0: it is closed. */
static __always_inline __u64 descriptor_kind(struct task_struct *task, __s32 descriptor)
{
	struct file *file = descriptor_file(task, descriptor);

	return file ? (__u64)BPF_CORE_READ(file, f_op) : 0;
}

/*
 * Whether the descriptor that the loop waits on is closed, or something else now. Another of
 * its kind will do: it was closed and opened anew, and the loop goes on with it.
 */
static __always_inline bool source_is_gone(struct task_struct *task, const struct loop *loop)
{
	return loop->source_kind && descriptor_kind(task, loop->call.source) != loop->source_kind;
}

/*
 * A thread that has been busy for so long may have stopped being a loop, by a close that was
 * not seen: another thread's, or another call than close.
 */
#define SOURCE_DOUBTED_NS 50000000ULL

static __always_inline bool source_is_lost(const struct loop *loop, struct task_struct *task,
					   __u64 now)
{
	return now > loop->interval_start_ns + SOURCE_DOUBTED_NS && loop->state == LOOP_BUSY &&
	       source_is_gone(task, loop);
}

/* A ring's count of completions so far; it wraps. 0: not to be told. */
static __always_inline __u32 ring_completions(struct task_struct *task, const struct loop *loop)
{
	__s32 source = loop->call.source, index = WAIT_REGISTERED_RING - source;
	struct file *file = descriptor_file(task, source);
	struct io_ring_ctx *ring = NULL;

	if (!bpf_core_field_exists(ring->cached_cq_tail))
		return 0;
	if (source <= WAIT_REGISTERED_RING && index < MAX_REGISTERED_RINGS &&
	    bpf_core_field_exists(task->io_uring->registered_rings)) {
		struct io_uring_task *rings = BPF_CORE_READ(task, io_uring);

		bpf_probe_read_kernel(&file, sizeof(file), &rings->registered_rings[index]);
	}
	if (!file)
		return 0;
	ring = BPF_CORE_READ(file, private_data);
	return BPF_CORE_READ(ring, cached_cq_tail);
}

#endif
