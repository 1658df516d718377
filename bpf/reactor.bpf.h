/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What loops wait on, and which threads of a process share it. */
#ifndef LOOPSCOPE_REACTOR_BPF_H
#define LOOPSCOPE_REACTOR_BPF_H

#include "descriptor.bpf.h"

/* False: the loop waits on nothing that can be shared, or that is open. */
static __always_inline bool reactor_key_of(struct task_struct *task, const struct loop *loop,
					   struct reactor_key *key)
{
	struct file *file;

	if (loop->call.family != WAIT_EPOLL)
		return false;
	file = descriptor_file(task, loop->call.source);
	if (!file)
		return false;
	key->object = (__u64)BPF_CORE_READ(file, private_data);
	key->tgid = BPF_CORE_READ(task, tgid);
	key->reserved = 0;
	return key->object;
}

static __always_inline void reactor_join(struct task_struct *task, struct loop *loop)
{
	struct reactor first = {.tid = loop->kernel_tid}, *reactor;
	struct reactor_key key;

	if (!reactor_key_of(task, loop, &key))
		return;
	reactor = bpf_map_lookup_elem(&reactors, &key);
	if (!reactor) {
		bpf_map_update_elem(&reactors, &key, &first, BPF_ANY);
	} else if (reactor->tid != loop->kernel_tid) {
		reactor->shared = 1;
		loop->shares_source = 1;
	}
}

/*
 * The loop ends, or closes what it waits on: the next eventpoll may have its address. One that
 * is shared others still wait on, unless it is closed.
 */
static __always_inline void reactor_leave(struct task_struct *task, const struct loop *loop,
					  const bool closed)
{
	struct reactor_key key;
	struct reactor *reactor;

	if (!reactor_key_of(task, loop, &key))
		return;
	reactor = bpf_map_lookup_elem(&reactors, &key);
	if (reactor && (closed || (reactor->tid == loop->kernel_tid && !reactor->shared)))
		bpf_map_delete_elem(&reactors, &key);
}

/* The loop waits on call.source from now on. */
static __always_inline void source_begin(struct task_struct *task, struct loop *loop)
{
	loop->source_kind = 0;
	loop->shares_source = 0;
	loop->park_sp = 0;
	if (loop->call.family == WAIT_IO_URING)
		loop->completions = ring_completions(task, loop);
	if (loop->call.family == WAIT_EPOLL || loop->call.family == WAIT_IO_URING)
		loop->source_kind = descriptor_kind(task, loop->call.source);
	reactor_join(task, loop);
}

/* Whether other threads wait on the same, too: found out where it matters. */
static __always_inline bool source_is_shared(struct task_struct *task, struct loop *loop)
{
	struct reactor_key key;
	struct reactor *reactor;

	if (loop->shares_source)
		return true;
	if (!reactor_key_of(task, loop, &key))
		return false;
	reactor = bpf_map_lookup_elem(&reactors, &key);
	if (reactor && reactor->shared)
		loop->shares_source = 1;
	return loop->shares_source;
}

#endif
