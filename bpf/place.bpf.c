/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a new loop is: its cgroups' names, and the pid that its process has where it is itself.
 * Once a loop, and by the kernel, since a process that lives for a moment has gone before user
 * space can ask. What is full or too deep is cut: see record.h.
 *
 * Kernel floor: 5.15.
 */
#include "place.bpf.h"

__noinline int place_add_names(struct window_buffer *buffer, __u64 cgroup_address, __u32 at)
{
	struct cgroup *cgroup = (void *)cgroup_address;
	struct kernfs_node *node = BPF_CORE_READ(cgroup, kn), *parent;
	__u32 used = 0;

	if (!buffer)
		return 0;
	for (int i = 0; i < PLACE_MAX_DEPTH && node; i++) {
		long length;

		parent = kernfs_parent(node);
		/* a name is read as long as it may be: so much must be free */
		if (!parent || used > PLACE_WHOLE_SIZE || at > PLACE_MAX_SIZE - PLACE_MAX_NAME)
			break;
		length = bpf_probe_read_kernel_str(buffer->record + at, PLACE_MAX_NAME,
						   BPF_CORE_READ(node, name));
		if (length <= 0 || length > PLACE_MAX_NAME)
			break;
		at += length;
		used += length;
		node = parent;
	}
	return used;
}
