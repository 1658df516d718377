/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Birth, exec and death: children of targets are followed, and a loop's last
 * window is sent before its state goes.
 *
 * Kernel floor: 5.15. sched_process_exit's group_dead argument (6.17) is not
 * used: the count of live threads says the same on every kernel.
 */
#include "burial.bpf.h"
#include "python.bpf.h"
#include "reactor.bpf.h"
#include "scope.bpf.h"
#include <bpf/bpf_tracing.h>

/* What closed its descriptors is exec itself: nothing is asked of them here. */
static __always_inline void loop_end(struct task_struct *task)
{
	struct loop *loop = loop_of(task);
	__u64 now = bpf_ktime_get_ns();

	if (!loop)
		return;
	if (loop->state && !loop->over)
		loop_finish(loop, now);
	reactor_leave(task, loop, false);
	loop_bury(loop, loop->over ? loop->mark_ns : now);
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(process_fork, struct task_struct *parent, struct task_struct *child)
{
	__u32 pid;
	__u8 one = 1;

	if (!scope.children || parent->tgid == child->tgid)
		return 0;
	pid = task_target(parent);
	if (!bpf_map_lookup_elem(&targets, &pid))
		return 0;
	pid = task_target(child);
	if (bpf_map_update_elem(&targets, &pid, &one, BPF_ANY))
		count(COUNTER_LOOPS_LOST);
	return 0;
}

/* Another program: another loop, though pid, tid and start time stay. */
SEC("?tp_btf/sched_process_exec")
int BPF_PROG(process_exec, struct task_struct *task, pid_t old_pid, struct linux_binprm *binprm)
{
	loop_end(task);
	bpf_task_storage_delete(&loops, task);
	bpf_task_storage_delete(&candidates, task);
	if (scope.policies)
		bpf_task_storage_delete(&excluded, task);
	if (scope.stalls)
		python_forget(task_target(task));
	return 0;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(process_exit, struct task_struct *task)
{
	__u32 pid;

	loop_end(task);
	if ((scope.pids || scope.stalls) && !task->signal->live.counter) {
		pid = task_target(task);
		bpf_map_delete_elem(&targets, &pid);
		if (scope.stalls)
			python_forget(pid);
	}
	return 0;
}
