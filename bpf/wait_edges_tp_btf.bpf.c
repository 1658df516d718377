/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wait call edges by the raw system call tracepoints: what a locked-down
 * kernel still allows. Every system call of the machine pays for the
 * comparison of its number, so that comes first.
 *
 * Kernel floor: 5.15. Neither tracefs nor bpffs is needed.
 */
#include "wait_edges.bpf.h"
#include <bpf/bpf_tracing.h>

SEC("?tp_btf/sys_enter")
int BPF_PROG(wait_enter, struct pt_regs *regs, long nr)
{
	enum wait_family family = wait_family_of(nr);
	struct task_struct *task;
	struct wait_call call;

	if (!family && nr != NR_close && !wait_is_compat(nr))
		return 0;
	task = bpf_get_current_task_btf();
	if (task_is_compat(task)) {
		if (wait_is_compat(nr))
			count(COUNTER_COMPAT_SKIPPED);
		return 0;
	}
	if (nr == NR_close)
		return close_entered(task, REGS_ARG1(regs));
	if (!family)
		return 0;
	wait_call_from_regs(&call, family, nr, regs);
	return wait_entered(task, &call);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(wait_exit, struct pt_regs *regs, long result)
{
	__s32 nr = REGS_SYSCALL_NR(regs);
	struct task_struct *task;

	if (!wait_family_of(nr) && nr != NR_restart_syscall)
		return 0;
	task = bpf_get_current_task_btf();
	return task_is_compat(task) ? 0 : wait_returned(task, result, nr == NR_restart_syscall);
}
