/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a new loop is: its cgroups' names, and the pid that its process has where it is itself.
 * Once a loop, and by the kernel, since a process that lives for a moment has gone before user
 * space can ask. What is full or too deep is cut: see record.h.
 *
 * Kernel floor: 5.15.
 */
#include "emit.bpf.h"
#include "scope.bpf.h"

#define MAX_NAME 256 /* NAME_MAX and its end */
#define MAX_DEPTH 24
#define MAX_NAMES_OF_ONE (PLACE_MAX_NAMES_SIZE / 2)

/* Appends the names from a cgroup up at `at` of the buffer; returns how many bytes they are. */
__noinline int place_add_names(struct window_buffer *buffer, __u64 cgroup_address, __u32 at)
{
	struct cgroup *cgroup = (void *)cgroup_address;
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn), *parent;
	__u32 used = 0;

	if (!buffer)
		return 0;
	for (int i = 0; i < MAX_DEPTH && node; i++) {
		long length;

		parent = kernfs_parent(node);
		/* a name is read as long as it may be: so much must be free */
		if (!parent || used > MAX_NAMES_OF_ONE - MAX_NAME || at > PLACE_MAX_SIZE - MAX_NAME)
			break;
		length = bpf_probe_read_kernel_str(buffer->record + at, MAX_NAME,
						   BPF_CORE_READ(node, name));
		if (length <= 0 || length > MAX_NAME)
			break;
		at += length;
		used += length;
		node = parent;
	}
	return used;
}

static __always_inline __u32 task_own_pid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	bpf_probe_read_kernel(&upid, sizeof(upid),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid));
	return upid.nr;
}

static __always_inline __u32 place_fill(struct window_buffer *buffer, const struct loop *loop,
					struct task_struct *task)
{
	struct loop_place *place = (void *)buffer;
	__u32 unified, v1 = 0;

	unified = place_add_names(buffer, (__u64)task_cgroup(task, -1), sizeof(*place));
	if (unified > MAX_NAMES_OF_ONE)
		return 0;
	if (scope.place_subsys >= 0)
		v1 = place_add_names(buffer, (__u64)task_cgroup(task, scope.place_subsys),
				     sizeof(*place) + unified);
	if (v1 > MAX_NAMES_OF_ONE)
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

__noinline int place_send(struct loop *loop, __u64 task_address)
{
	struct window_buffer *buffer;
	__u32 size;

	if (!loop)
		return 0;
	buffer = buffer_claim();
	if (!buffer)
		return 0;
	size = place_fill(buffer, loop, (void *)task_address);
	/* not woken for: the window that follows is */
	if (size >= sizeof(struct loop_place) && size <= PLACE_MAX_SIZE &&
	    bpf_ringbuf_output(&records, buffer, size, BPF_RB_NO_WAKEUP))
		count(COUNTER_RECORDS_LOST);
	buffer_release(buffer);
	return 0;
}
