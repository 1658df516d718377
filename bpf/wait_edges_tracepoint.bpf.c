/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wait call edges by each system call's own tracepoints: the last resort,
 * where neither the functions nor the raw tracepoints can be had. Needs tracefs.
 *
 * Kernel floor: 5.15.
 */
#include "wait_calls.h"
#include "wait_edges.bpf.h"

/* Arguments are read where they came in: a tracepoint's context has but those of the call. */
static __always_inline int tracepoint_entered(__s32 nr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	struct wait_call call;

	if (!regs)
		return 0;
	wait_call_from_regs(&call, wait_family_of(nr), nr, regs);
	return wait_entered(task, &call);
}

static __always_inline int tracepoint_returned(struct syscall_trace_exit *context)
{
	return wait_returned(bpf_get_current_task_btf(), context->ret, false);
}

#define WAIT_CALL(program, name)                                   \
	SEC("?tracepoint/syscalls/sys_enter_" #name)               \
	int tp_##program##_in(struct syscall_trace_enter *context) \
	{                                                          \
		return tracepoint_entered(NR_##name);              \
	}                                                          \
	SEC("?tracepoint/syscalls/sys_exit_" #name)                \
	int tp_##program##_out(struct syscall_trace_exit *context) \
	{                                                          \
		return tracepoint_returned(context);               \
	}

WAIT_CALLS(WAIT_CALL)

SEC("?tracepoint/syscalls/sys_enter_close")
int tp_close_in(struct syscall_trace_enter *context)
{
	return close_entered(bpf_get_current_task_btf(), context->args[0]);
}
