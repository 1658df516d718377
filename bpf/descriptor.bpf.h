/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is behind the descriptor that a loop waits on: read without locks, so it may change. */
#ifndef LOOPSCOPE_DESCRIPTOR_BPF_H
#define LOOPSCOPE_DESCRIPTOR_BPF_H

#include "state.bpf.h"
#include "wait_source.h"
#include <bpf/bpf_core_read.h>

#define MAX_REGISTERED_RINGS 16

/* 0: none of that number, or not to be told. */
static __always_inline __u64 descriptor_file(struct task_struct *task, __s32 descriptor)
{
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (!table || descriptor < 0 || (__u32)descriptor >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + descriptor);
	return (__u64)file;
}

/*
 * What is behind the descriptor that the call waits on, if it waits on one: the eventpoll or
 * ring. A closed file's memory is the first to be used for the next one, this is not.
 */
static __always_inline __u64 descriptor_object(struct task_struct *task, __s32 descriptor)
{
	struct file *file = (void *)descriptor_file(task, descriptor);

	return file ? (__u64)BPF_CORE_READ(file, private_data) : 0;
}

static __always_inline __u64 wait_call_object(struct task_struct *task,
					      const struct wait_call *call)
{
	if (call->family != WAIT_EPOLL && call->family != WAIT_IO_URING)
		return 0;
	return descriptor_object(task, call->source);
}

/* Whether the descriptor that the loop waits on was closed, perhaps opened anew as another. */
static __always_inline bool source_is_gone(struct task_struct *task, const struct loop *loop)
{
	return loop->source_object &&
	       descriptor_object(task, loop->call.source) != loop->source_object;
}

/*
 * A busy interval this long is looked at twice: a thread that has closed what it
 * waited on is stuck in nothing, it has stopped being a loop.
 */
#define SOURCE_DOUBTED_NS 50000000ULL

static __always_inline bool loop_is_over(const struct loop *loop, struct task_struct *task,
					 __u64 now)
{
	return now > loop->interval_start_ns + SOURCE_DOUBTED_NS && loop->state == LOOP_BUSY &&
	       source_is_gone(task, loop);
}

/* A ring's count of completions so far; it wraps. 0: not to be told. */
static __always_inline __u32 ring_completions(struct task_struct *task, const struct loop *loop)
{
	__s32 source = loop->call.source, index = WAIT_REGISTERED_RING - source;
	struct io_ring_ctx *ring = (void *)loop->source_object;
	struct file *file = NULL;

	if (!bpf_core_field_exists(ring->cached_cq_tail))
		return 0;
	if (source <= WAIT_REGISTERED_RING && index < MAX_REGISTERED_RINGS &&
	    bpf_core_field_exists(task->io_uring->registered_rings)) {
		struct io_uring_task *rings = BPF_CORE_READ(task, io_uring);

		bpf_probe_read_kernel(&file, sizeof(file), &rings->registered_rings[index]);
		ring = BPF_CORE_READ(file, private_data);
	}
	if (!ring)
		return 0;
	return BPF_CORE_READ(ring, cached_cq_tail);
}

static __always_inline struct reactor_key reactor_key_of(struct task_struct *task,
							 const struct loop *loop)
{
	return (struct reactor_key){.object = loop->source_object,
				    .tgid = BPF_CORE_READ(task, tgid)};
}

/* The loop waits on this from now on. */
static __always_inline void source_begin(struct task_struct *task, struct loop *loop)
{
	struct reactor_key key;
	struct reactor first = {.tid = loop->kernel_tid}, *reactor;

	loop->source_object = wait_call_object(task, &loop->call);
	if (loop->call.family == WAIT_IO_URING)
		loop->completions = ring_completions(task, loop);
	if (loop->call.family != WAIT_EPOLL || !loop->source_object)
		return;
	key = reactor_key_of(task, loop);
	reactor = bpf_map_lookup_elem(&reactors, &key);
	if (!reactor) {
		bpf_map_update_elem(&reactors, &key, &first, BPF_ANY);
	} else if (reactor->tid != loop->kernel_tid) {
		reactor->shared = 1;
		loop->shares_source = 1;
	}
}

/* Whether other threads wait on the same, too: found out where it matters. */
static __always_inline bool source_is_shared(struct task_struct *task, struct loop *loop)
{
	struct reactor_key key;
	struct reactor *reactor;

	if (loop->shares_source)
		return true;
	if (loop->call.family != WAIT_EPOLL || !loop->source_object)
		return false;
	key = reactor_key_of(task, loop);
	reactor = bpf_map_lookup_elem(&reactors, &key);
	if (reactor && reactor->shared)
		loop->shares_source = 1;
	return loop->shares_source;
}

#endif
