/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * CPU time and context switches of the processes that user space has put into
 * the map `usages`: one look at every thread of the machine, in place of reading
 * several files of /proc for each thread of each process.
 *
 * Kernel floor: 5.15.
 */
#include "scope.bpf.h"
#include <bpf/bpf_tracing.h>

static __always_inline void usage_add_thread(struct process_usage *usage, struct task_struct *task)
{
	usage->runtime_ns += task->se.sum_exec_runtime;
	usage->user_ns += task->utime;
	usage->system_ns += task->stime;
	usage->voluntary_switches += task->nvcsw;
	usage->involuntary_switches += task->nivcsw;
}

/* Once for each process: what its threads that have ended left behind. */
static __always_inline void usage_add_ended(struct process_usage *usage, struct task_struct *leader)
{
	struct signal_struct *signal = leader->signal;

	usage->start_ns = leader->start_boottime;
	usage->runtime_ns += signal->sum_sched_runtime;
	usage->user_ns += signal->utime;
	usage->system_ns += signal->stime;
	usage->voluntary_switches += signal->nvcsw;
	usage->involuntary_switches += signal->nivcsw;
}

SEC("?iter/task")
int walk_usage(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct process_usage *usage;
	__u32 pid;

	if (!task)
		return 0;
	pid = observer_ns_level ? task_observed_pid(task) : task->tgid;
	usage = bpf_map_lookup_elem(&usages, &pid);
	if (!usage)
		return 0;
	usage_add_thread(usage, task);
	if (task->pid == task->tgid)
		usage_add_ended(usage, task);
	return 0;
}
