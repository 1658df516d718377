/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Wait call edges on the system calls' own functions: no other call pays.
 * fexit does not fire for a call that was entered before: scope.entry_by_switch.
 *
 * Kernel floor: 5.15; refused (EPERM) where the kernel is locked down.
 */
#include "wait_calls.h"
#include "wait_edges.bpf.h"
#include <bpf/bpf_tracing.h>

#if defined(__TARGET_ARCH_x86)
#define SYSCALL_FUNCTION(kind, name) SEC("?" kind "/__x64_sys_" name)
#else
#define SYSCALL_FUNCTION(kind, name) SEC("?" kind "/__arm64_sys_" name)
#endif

static __always_inline int function_entered(struct pt_regs *regs, __s32 nr)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct wait_call call;

	if (task_is_compat(task))
		return 0;
	wait_call_from_regs(&call, wait_family_of(nr), nr, regs);
	return wait_entered(task, &call);
}

static __always_inline int function_returned(long result)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task_is_compat(task) ? 0 : wait_returned(task, result, false);
}

#define WAIT_CALL(program, name)                                       \
	SYSCALL_FUNCTION("fentry", #name)                              \
	int BPF_PROG(program##_in, struct pt_regs *regs)               \
	{                                                              \
		return function_entered(regs, NR_##name);              \
	}                                                              \
	SYSCALL_FUNCTION("fexit", #name)                               \
	int BPF_PROG(program##_out, struct pt_regs *regs, long result) \
	{                                                              \
		return function_returned(result);                      \
	}

WAIT_CALLS(WAIT_CALL)

SYSCALL_FUNCTION("fentry", "close")
int BPF_PROG(close_in, struct pt_regs *regs)
{
	return close_entered(bpf_get_current_task_btf(), REGS_ARG1(regs));
}
