/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a new loop is: its cgroup's names, and the pid that its process has where it is itself.
 * Once a loop, and by the kernel, since a process that lives for a moment has gone before user
 * space can ask. What is full or too deep is cut: see record.h.
 */
#ifndef LOOPSCOPE_PLACE_BPF_H
#define LOOPSCOPE_PLACE_BPF_H

#include "emit.bpf.h"
#include "scope.bpf.h"

/* Appends the names from a cgroup up at `at` of the buffer; returns how many bytes they are. */
extern int place_add_names(struct window_buffer *buffer, __u64 cgroup_address, __u32 at);

static __always_inline __u32 task_own_pid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	pid_upid(pid, level, &upid);
	return upid.nr;
}

static __always_inline __u32 place_fill(struct window_buffer *buffer, const struct loop *loop,
					struct task_struct *task)
{
	struct loop_place *place = (void *)buffer;
	__u32 unified, v1 = 0;

	unified = place_add_names(buffer, (__u64)task_cgroup(task, -1), sizeof(*place));
	if (unified > PLACE_MAX_NAMES_OF_ONE)
		return 0;
	if (scope.place_subsys >= 0)
		v1 = place_add_names(buffer, (__u64)task_cgroup(task, scope.place_subsys),
				     sizeof(*place) + unified);
	if (v1 > PLACE_MAX_NAMES_OF_ONE)
		return 0;
	place->header.kind = RECORD_LOOP_PLACE;
	place->header.reserved = 0;
	place->header.size = sizeof(*place) + unified + v1;
	place->header.time_ns = bpf_ktime_get_ns();
	place->id = loop->id;
	place->cgroup_id = loop->cgroup_id;
	place->own_pid = task_own_pid(task);
	place->unified_size = unified;
	place->v1_size = v1;
	return sizeof(*place) + unified + v1;
}

/* Sends where the loop is: once, before its first window. */
static __always_inline void place_send(const struct loop *loop, struct task_struct *task)
{
	struct window_buffer *buffer;
	__u32 size;

	buffer = buffer_claim();
	if (!buffer)
		return;
	size = place_fill(buffer, loop, task);
	/* not woken for: the window that follows is */
	if (size >= sizeof(struct loop_place) && size <= PLACE_MAX_SIZE &&
	    bpf_ringbuf_output(&records, buffer, size, BPF_RB_NO_WAKEUP))
		count(COUNTER_RECORDS_LOST);
	buffer_release(buffer);
}

#endif
