/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who ends a sleep: the current thread, unless an interrupt does it in its name. Whether one does
 * is in the CPU's preempt count; where that is not known, nobody is named.
 */
#ifndef LOOPSCOPE_WAKER_BPF_H
#define LOOPSCOPE_WAKER_BPF_H

#include "scope.bpf.h"

/* A softirq served, a hard interrupt, or an NMI. */
#define PREEMPT_INTERRUPT 0x00ff0100

#if defined(__TARGET_ARCH_x86)
static __always_inline bool in_interrupt(void)
{
	struct rq *queue = bpf_get_current_task_btf()->se.cfs_rq->rq;
	__u32 preempt_count;

	/* a symbol's address is not to be had on every kernel; how far it is from another one is */
	if (!scope.preempt_count_at ||
	    bpf_probe_read_kernel(&preempt_count, sizeof(preempt_count),
				  (void *)queue + scope.preempt_count_at))
		return true;
	return preempt_count & PREEMPT_INTERRUPT;
}
#else
static __always_inline bool in_interrupt(void)
{
	struct task_struct *task = bpf_get_current_task_btf();

	return task->thread_info.preempt.count & PREEMPT_INTERRUPT;
}
#endif

/* Notes it for the thread that is being woken. */
static __always_inline void waker_note(struct stall *stall)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct stall_waker *waker = &stall->waking;

	if (in_interrupt()) {
		waker->pid = 0;
		return;
	}
	waker->tid = task_observed_nr(task);
	bpf_get_current_comm(waker->thread, sizeof(waker->thread));
	BPF_CORE_READ_INTO(&waker->process, task, group_leader, comm);
	waker->pid = task_observed_pid(task);
}

#endif
