/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stacks of threads that stall: RECORD_STACK of stall.h. */
#ifndef LOOPSCOPE_STACK_BPF_H
#define LOOPSCOPE_STACK_BPF_H

#include "state.bpf.h"

/* Whose stack it is, and of what. */
struct stack_request {
	struct loop_id id;
	__u64 process_start_ns;
	__u64 start_ns; /* of the stall */
	__u64 now;
	__s32 syscall_nr;
	__u32 cause;
};

/* Of the current thread, which ran in user mode, or in a call, until its CPU's timer came. */
extern int stack_send_current(const struct stack_request *request);

/* A thread's registers as it left user mode: it does not run. 0: they cannot be had. */
static __always_inline __u32 stack_registers(struct task_struct *task, __u64 *registers)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	if (!regs)
		return 0;
#if defined(__TARGET_ARCH_x86)
	registers[0] = regs->ax;
	registers[1] = regs->dx;
	registers[2] = regs->cx;
	registers[3] = regs->bx;
	registers[4] = regs->si;
	registers[5] = regs->di;
	registers[6] = regs->bp;
	registers[7] = regs->sp;
	registers[8] = regs->r8;
	registers[9] = regs->r9;
	registers[10] = regs->r10;
	registers[11] = regs->r11;
	registers[12] = regs->r12;
	registers[13] = regs->r13;
	registers[14] = regs->r14;
	registers[15] = regs->r15;
	registers[16] = regs->ip;
#else
	for (__u32 i = 0; i < 31; i++)
		registers[i] = regs->regs[i];
	registers[31] = regs->sp;
	registers[32] = regs->pc;
#endif
	return STACK_NR_REGISTERS;
}

static __always_inline __u64 task_thread_pointer(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return task->thread.fsbase;
#else
	return task->thread.uw.tp_value;
#endif
}

static __always_inline void stack_fill(struct stack_record *record,
				       const struct stack_request *request,
				       struct task_struct *task)
{
	record->header.kind = RECORD_STACK;
	record->header.reserved = 0;
	record->header.size = sizeof(*record);
	record->header.time_ns = request->now;
	record->id = request->id;
	record->process_start_ns = request->process_start_ns;
	record->start_ns = request->start_ns;
	record->switches = task->nvcsw + task->nivcsw;
	record->cause = request->cause;
	record->flags = 0;
	record->syscall_nr = request->syscall_nr;
	for (__u32 i = STACK_NR_REGISTERS; i < STACK_MAX_REGISTERS; i++)
		record->registers[i] = 0;
	record->nr_registers = stack_registers(task, record->registers);
	record->thread_pointer = task_thread_pointer(task);
	record->memory_size = 0;
	record->nr_python = 0;
}

#endif
