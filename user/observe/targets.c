/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The processes asked for by pid, and those that forks have added to them in the kernel. */
#include "observe/observer_parts.h"

int observer_add_pid(struct observer *observer, pid_t pid)
{
	__u32 key = pid;
	__u8 one = 1;

	return bpf_map__update_elem(observer->skeleton->maps.targets, &key, sizeof(key), &one,
				    sizeof(one), BPF_ANY);
}

void observer_remove_pid(struct observer *observer, pid_t pid)
{
	__u32 key = pid;

	bpf_map__delete_elem(observer->skeleton->maps.targets, &key, sizeof(key), 0);
}

pid_t observer_some_pid(const struct observer *observer)
{
	__u32 key;

	if (bpf_map__get_next_key(observer->skeleton->maps.targets, NULL, &key, sizeof(key)))
		return 0;
	return (pid_t)key;
}
