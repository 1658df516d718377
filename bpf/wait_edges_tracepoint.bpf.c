/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wait call edges by each system call's own tracepoints: the last resort,
 * where neither the functions nor the raw tracepoints can be had. Needs tracefs.
 *
 * Kernel floor: 5.15.
 */
#include "wait_edges.bpf.h"

static __always_inline int tracepoint_entered(struct syscall_trace_enter *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	struct wait_call call;

	wait_call_set(&call, context->nr, context->args[0], context->args[1], context->args[2],
		      context->args[3], regs ? regs->sp : 0);
	return wait_entered(task, &call);
}

static __always_inline int tracepoint_returned(struct syscall_trace_exit *context)
{
	return wait_returned(bpf_get_current_task_btf(), context->ret);
}

SEC("?tracepoint/syscalls/sys_enter_epoll_wait")
int tp_wait_in(struct syscall_trace_enter *context)
{
	return tracepoint_entered(context);
}

SEC("?tracepoint/syscalls/sys_exit_epoll_wait")
int tp_wait_out(struct syscall_trace_exit *context)
{
	return tracepoint_returned(context);
}

SEC("?tracepoint/syscalls/sys_enter_epoll_pwait")
int tp_pwait_in(struct syscall_trace_enter *context)
{
	return tracepoint_entered(context);
}

SEC("?tracepoint/syscalls/sys_exit_epoll_pwait")
int tp_pwait_out(struct syscall_trace_exit *context)
{
	return tracepoint_returned(context);
}

SEC("?tracepoint/syscalls/sys_enter_epoll_pwait2")
int tp_pwait2_in(struct syscall_trace_enter *context)
{
	return tracepoint_entered(context);
}

SEC("?tracepoint/syscalls/sys_exit_epoll_pwait2")
int tp_pwait2_out(struct syscall_trace_exit *context)
{
	return tracepoint_returned(context);
}
