/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes into the map, one walk over the machine's threads, and out again. */
#include "observe/observer_parts.h"

/*
 * Ticks find a process in user or in kernel mode; the scheduler knows how long it
 * ran. As the kernel does for /proc: that, split in the proportion of the ticks.
 */
static void usage_scale(struct process_usage *usage)
{
	double ticks = (double)usage->user_ns + (double)usage->system_ns;
	double user = ticks > 0 ? (double)usage->user_ns / ticks : 1;

	usage->user_ns = (__u64)((double)usage->runtime_ns * user);
	usage->system_ns = usage->runtime_ns - usage->user_ns;
}

int observer_usage(struct observer *observer, const pid_t *pids, struct process_usage *usages,
		   size_t nr)
{
	const struct bpf_map *map = observer->skeleton->maps.usages;
	const struct process_usage none = {};
	int r = 0;

	for (size_t i = 0; i < nr; i++) {
		__u32 pid = pids[i];

		/* one that has no room is not met */
		bpf_map__update_elem(map, &pid, sizeof(pid), &none, sizeof(none), BPF_ANY);
	}
	r = observer_run_once(observer, programs_usage(observer->skeleton->obj));
	for (size_t i = 0; i < nr; i++) {
		__u32 pid = pids[i];

		if (bpf_map__lookup_elem(map, &pid, sizeof(pid), &usages[i], sizeof(usages[i]), 0))
			usages[i] = none;
		usage_scale(&usages[i]);
	}
	for (size_t i = 0; i < nr; i++) {
		__u32 pid = pids[i];

		bpf_map__delete_elem(map, &pid, sizeof(pid), 0);
	}
	return r;
}
