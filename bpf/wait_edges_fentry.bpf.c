/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wait call edges on the system calls' own functions: no other call pays.
 * fexit does not fire for a call that was entered before: scope.entry_by_switch.
 *
 * Kernel floor: 5.15; refused (EPERM) where the kernel is locked down.
 */
#include "wait_edges.bpf.h"
#include <bpf/bpf_tracing.h>

#if defined(__TARGET_ARCH_x86)
#define SYSCALL_FUNCTION(kind, name) SEC("?" kind "/__x64_sys_" name)
#else
#define SYSCALL_FUNCTION(kind, name) SEC("?" kind "/__arm64_sys_" name)
#endif

static __always_inline int function_entered(struct pt_regs *regs, __s32 nr)
{
	struct wait_call call;

	wait_call_from_regs(&call, nr, regs);
	return wait_entered(bpf_get_current_task_btf(), &call);
}

SYSCALL_FUNCTION("fentry", "epoll_wait")
int BPF_PROG(wait_in, struct pt_regs *regs)
{
	return function_entered(regs, NR_epoll_wait);
}

SYSCALL_FUNCTION("fexit", "epoll_wait")
int BPF_PROG(wait_out, struct pt_regs *regs, long result)
{
	return wait_returned(bpf_get_current_task_btf(), result);
}

SYSCALL_FUNCTION("fentry", "epoll_pwait")
int BPF_PROG(pwait_in, struct pt_regs *regs)
{
	return function_entered(regs, NR_epoll_pwait);
}

SYSCALL_FUNCTION("fexit", "epoll_pwait")
int BPF_PROG(pwait_out, struct pt_regs *regs, long result)
{
	return wait_returned(bpf_get_current_task_btf(), result);
}

SYSCALL_FUNCTION("fentry", "epoll_pwait2")
int BPF_PROG(pwait2_in, struct pt_regs *regs)
{
	return function_entered(regs, NR_epoll_pwait2);
}

SYSCALL_FUNCTION("fexit", "epoll_pwait2")
int BPF_PROG(pwait2_out, struct pt_regs *regs, long result)
{
	return wait_returned(bpf_get_current_task_btf(), result);
}
