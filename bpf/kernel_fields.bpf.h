/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kernel drift and differences of architecture, one accessor each. Fields are
 * tested for, never versions.
 */
#ifndef LOOPSCOPE_KERNEL_FIELDS_BPF_H
#define LOOPSCOPE_KERNEL_FIELDS_BPF_H

#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>

#define TASK_INTERRUPTIBLE 0x0001
#define TASK_STOPPED_OR_TRACED 0x000c
#define TASK_FROZEN 0x8000 /* 6.1 */
#define PF_EXITING 0x00000004

#if defined(__TARGET_ARCH_x86)
#define TS_COMPAT 0x0002
#define NR_futex 202
#define NR_futex_waitv 449
#define NR_futex_wait 455
#define NR_epoll_wait 232
#define NR_epoll_pwait 281
#define NR_epoll_pwait2 441
#define NR_poll 7
#define NR_ppoll 271
#define NR_select 23
#define NR_pselect6 270
#define NR_io_uring_enter 426
#define NR_io_getevents 208
#define NR_io_pgetevents 333
#define NR_restart_syscall 219
#define NR_close 3
#define NR_compat_epoll_wait 256
#define NR_compat_epoll_pwait 319
#define REGS_ARG1(regs) ((regs)->di)
#define REGS_ARG2(regs) ((regs)->si)
#define REGS_ARG3(regs) ((regs)->dx)
#define REGS_ARG4(regs) ((regs)->r10)
#define REGS_ARG5(regs) ((regs)->r8)
#define REGS_SYSCALL_NR(regs) ((__s32)(regs)->orig_ax)
#else
#define TIF_32BIT 22
#define NR_futex 98
#define NR_futex_waitv 449
#define NR_futex_wait 455
#define NR_epoll_wait (-2) /* there is none */
#define NR_epoll_pwait 22
#define NR_epoll_pwait2 441
#define NR_poll (-3) /* nor of these */
#define NR_ppoll 73
#define NR_select (-4)
#define NR_pselect6 72
#define NR_io_uring_enter 426
#define NR_io_getevents 4
#define NR_io_pgetevents 292
#define NR_restart_syscall 128
#define NR_close 57
#define NR_compat_epoll_wait 252
#define NR_compat_epoll_pwait 346
#define REGS_ARG1(regs) ((regs)->orig_x0)
#define REGS_ARG2(regs) ((regs)->regs[1])
#define REGS_ARG3(regs) ((regs)->regs[2])
#define REGS_ARG4(regs) ((regs)->regs[3])
#define REGS_ARG5(regs) ((regs)->regs[4])
#define REGS_SYSCALL_NR(regs) ((regs)->syscallno)
#endif

/* A 32-bit task's system calls have other numbers. */
static __always_inline bool task_is_compat(struct task_struct *task)
{
#if defined(__TARGET_ARCH_x86)
	return task->thread_info.status & TS_COMPAT;
#else
	return task->thread_info.flags & (1UL << TIF_32BIT);
#endif
}

/*
 * The system call that a task off CPU is inside of. -1: in a fault or interrupt
 * taken in user mode. TASK_CALL_LEFT: its call has returned, and it sleeps on
 * the way out, for a signal or task work; the number stays in the registers.
 */
#define TASK_CALL_LEFT (-2)

static __always_inline __s32 task_syscall_nr(struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	__s32 nr;

	if (!regs)
		return -1;
	nr = REGS_SYSCALL_NR(regs);
#if defined(__TARGET_ARCH_x86)
	/* entry leaves -ENOSYS where the result goes */
	if (nr >= 0 && (__s64)regs->ax != -38)
		return TASK_CALL_LEFT;
#endif
	return nr;
}

/*
 * Frozen by the v2 freezer, which sleeps as any other (5.2), or by the v1 freezer. The wait
 * of vfork for its child is marked as the former is, but cannot be interrupted.
 */
static __always_inline bool task_is_frozen(struct task_struct *task, unsigned int state)
{
	if (state & TASK_FROZEN)
		return true;
	if (!(state & TASK_INTERRUPTIBLE))
		return false;
	if (bpf_core_field_exists(task->frozen))
		return BPF_CORE_READ_BITFIELD_PROBED(task, frozen);
	return false;
}

/* What the pid is in its namespace of that level, which is none deeper than its own. */
static __always_inline void pid_upid(struct pid *pid, __u32 level, struct upid *ret_upid)
{
	bpf_probe_read_kernel(ret_upid, sizeof(*ret_upid),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid));
}

/* The directory above, NULL above the root. */
static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *node)
{
	struct kernfs_node___rcu *rcu = (void *)node;
	struct kernfs_node___plain *plain = (void *)node;

	if (bpf_core_field_exists(rcu->__parent))
		return BPF_CORE_READ(rcu, __parent);
	return BPF_CORE_READ(plain, parent);
}

/*
 * The scheduler's own account of a task, in its run queue's clock (zero without
 * CONFIG_SCHED_INFO): what tells the truth where a program of ours did not run.
 */
static __always_inline __u64 task_run_delay(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->sched_info))
		return 0;
	return BPF_CORE_READ(task, sched_info.run_delay);
}

static __always_inline __u64 task_last_arrival(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->sched_info))
		return 0;
	return BPF_CORE_READ(task, sched_info.last_arrival);
}

static __always_inline __u64 task_last_queued(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->sched_info))
		return 0;
	return BPF_CORE_READ(task, sched_info.last_queued);
}

/* A field by a plain load where the verifier knows the pointer, else by a helper. */
#define READ_FIELD(trusted, pointer, field) \
	((trusted) ? (pointer)->field : BPF_CORE_READ(pointer, field))

/*
 * The accumulated time that a queue was throttled, the open span included.
 * now_ns and offset_ns (CLOCK_MONOTONIC minus the run queue's clock) give the
 * present in the queue's clock, which an idle CPU does not keep up to date.
 * trusted, a constant: `queue` was reached from a tracepoint's argument.
 */
static __always_inline __u64 queue_throttled_ns(struct cfs_rq *queue, __u64 now_ns, __s64 offset_ns,
						const bool trusted)
{
	struct cfs_rq___self *self = (void *)queue;
	struct cfs_rq___pelt *pelt = (void *)queue;
	struct cfs_rq___task *old = (void *)queue;
	__u64 total, since, clock = now_ns - offset_ns;

	if (bpf_core_field_exists(self->throttled_clock_self_time)) {
		total = READ_FIELD(trusted, self, throttled_clock_self_time);
		since = READ_FIELD(trusted, self, throttled_clock_self);
		return since && clock > since ? total + clock - since : total;
	}
	if (bpf_core_field_exists(pelt->throttled_clock_pelt_time)) {
		total = READ_FIELD(trusted, pelt, throttled_clock_pelt_time);
		if (!READ_FIELD(trusted, pelt, throttle_count))
			return total;
		since = READ_FIELD(trusted, pelt, throttled_clock_pelt);
		clock -= BPF_CORE_READ(pelt, rq, clock) - BPF_CORE_READ(pelt, rq, clock_pelt) +
			 BPF_CORE_READ(pelt, rq, lost_idle_time);
		return clock > since ? total + clock - since : total;
	}
	if (bpf_core_field_exists(old->throttled_clock_task_time)) {
		total = READ_FIELD(trusted, old, throttled_clock_task_time);
		if (!READ_FIELD(trusted, old, throttle_count))
			return total;
		since = READ_FIELD(trusted, old, throttled_clock_task);
		return clock > since ? total + clock - since : total;
	}
	return 0;
}

/* The queue that a task would wait in on that CPU: its group has an array of them, */
static __always_inline struct cfs_rq *task_queue_in_array(struct task_struct *task, int cpu)
{
	struct cfs_rq **queues = BPF_CORE_READ(task, sched_task_group, cfs_rq);
	struct cfs_rq *queue = NULL;

	bpf_probe_read_kernel(&queue, sizeof(queue), queues + cpu);
	return queue;
}

extern const struct rq runqueues __ksym __weak;

/* or, from 7.x on, they are per-CPU data, as far apart as the CPUs' run queues are. */
static __always_inline struct cfs_rq *task_queue_per_cpu(struct task_struct *task, int cpu)
{
	struct cfs_rq *queue = BPF_CORE_READ(task, se.cfs_rq);
	struct rq *rq = bpf_per_cpu_ptr(&runqueues, cpu);

	if (!rq)
		return NULL;
	return (void *)queue + ((__u64)BPF_CORE_READ(rq, cfs.rq) - (__u64)BPF_CORE_READ(queue, rq));
}

#endif
