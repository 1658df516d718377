/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a busy interval's time goes: the scheduler's tracepoints. For a task
 * that is no loop each costs one look-up that finds nothing.
 *
 * State is never created here: allocation can fail or deadlock under the run
 * queue's lock. sched_waking and sched_migrate_task run on another CPU than
 * the task, and write only what loop.h leaves to them.
 *
 * Kernel floor: 5.15 (bpf_task_pt_regs); prev_state is not used, since 5.18
 * gave it its place and it stays set when a signal cancels the sleep.
 */
#include "kernel_fields.bpf.h"
#include "reactor.bpf.h"
#include "stall.bpf.h"
#include "state.bpf.h"
#include "transitions.bpf.h"
#include "wait_family.bpf.h"
#include "waker.bpf.h"
#include <bpf/bpf_tracing.h>

/* Whether the system call that the task sleeps in is its loop's own wait. */
static __always_inline bool sleeps_in_own_wait(const struct loop *loop, struct task_struct *task,
					       __s32 nr)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);

	if (!regs)
		return false;
	if (nr == NR_restart_syscall) /* of a poll that a signal ended, or of any other call */
		return loop->call.family == WAIT_POLL && regs->sp == loop->call.sp &&
		       (loop->state == LOOP_POLL || loop->last_return == LOOP_EINTR);
	if (wait_family_of(nr) != loop->call.family)
		return false;
	if (loop->call.family == WAIT_EPOLL)
		return (__s32)REGS_ARG1(regs) == loop->call.source;
	return !loop->nested;
}

#define FUTEX_COMMAND 0x7f
#define FUTEX_WAIT 0
#define FUTEX_WAIT_BITSET 9

/* Idle on a futex, while another thread of its process waits for the events of both. */
static __always_inline bool parks(struct loop *loop, struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	struct futex_wait futex;
	__u32 command;

	if (!regs || loop->state != LOOP_BUSY)
		return false;
	command = REGS_ARG2(regs) & FUTEX_COMMAND;
	if ((command != FUTEX_WAIT && command != FUTEX_WAIT_BITSET) ||
	    !source_is_shared(task, loop))
		return false;
	futex.sp = regs->sp;
	futex.value = REGS_ARG3(regs);
	futex.timed = REGS_ARG4(regs);
	return loop_is_park(loop, &futex);
}

static __always_inline void classify(struct switch_out *out, struct loop *loop,
				     struct task_struct *task, bool preempt)
{
	unsigned int state = task->__state;
	__s32 nr;

	out->syscall_nr = -1;
	out->in_wait = false;
	out->parks = false;
	out->cause = CAUSE_OTHER;
	if (state & TASK_STOPPED_OR_TRACED)
		return;
	out->cause = CAUSE_RUNQUEUE;
	if (preempt || !state)
		return;
	out->cause = CAUSE_OTHER;
	if (task_is_frozen(task, state))
		return;
	nr = task_syscall_nr(task);
	if (nr == TASK_CALL_LEFT)
		return;
	out->cause = CAUSE_PAGE_FAULT;
	if (nr < 0)
		return;
	if (nr == NR_restart_syscall && !sleeps_in_own_wait(loop, task, nr))
		nr = loop_last_syscall(loop, nr);
	out->syscall_nr = nr;
	if (nr == NR_futex || nr == NR_futex_waitv || nr == NR_futex_wait) {
		out->cause = CAUSE_LOCK;
		out->parks = nr == NR_futex && parks(loop, task);
	} else {
		out->cause = CAUSE_SYSCALL;
		out->in_wait = sleeps_in_own_wait(loop, task, nr);
	}
}

static __always_inline void switched_out(struct loop *loop, struct task_struct *task, bool preempt,
					 __u64 now)
{
	struct cfs_rq *queue = task->se.cfs_rq;
	struct switch_out out = {};

	if (source_is_lost(loop, task, now)) {
		loop_close(loop, loop->mark_ns, OVER_LOST);
		return;
	}
	if (loop->away != LOOP_ON_CPU)
		transition_heal_switch_in(loop, task, now);
	classify(&out, loop, task, preempt);
	/* this CPU's run queue, its clock just brought up to date */
	out.clock_offset_ns = now - queue->rq->clock;
	out.run_delay_ns = task_run_delay(task);
	out.queue = (__u64)queue;
	if (out.cause == CAUSE_RUNQUEUE)
		out.throttled_ns = queue_throttled_ns(queue, now, out.clock_offset_ns, true);
	if (loop_edge_missed(loop, &out))
		transition_heal_edge(loop, now);
	transition_switch_out(loop, now, &out);
}

/* Switched in after a sleep in a blocking call: a stall may be made of such. */
static __always_inline void slept_in(struct loop *loop, struct task_struct *task, __u64 now,
				     const struct switch_in *in)
{
	__u32 cause = (__u32)loop->away & (LOOP_CAUSE_SLOTS - 1);
	__u64 before = loop->cause_ns[cause], slept_ns;
	struct stall *stall;

	transition_switch_in(loop, now, in);
	slept_ns = loop->cause_ns[cause] - before;
	stall = slept_ns ? stall_of(task) : NULL;
	if (stall)
		stall_sleep_ended(stall, loop, loop->away_nr, slept_ns);
}

static __always_inline void switched_in(struct loop *loop, struct task_struct *task, __u64 now)
{
	struct cfs_rq *queue = task->se.cfs_rq;
	__u64 queued = task_last_queued(task);
	struct switch_in in = {
		.queue = (__u64)queue,
		.throttled_ns = queue_throttled_ns(queue, now, loop->clock_offset_ns, true),
		.queued_ns = queued ? queued + (now - queue->rq->clock) : 0,
	};

	if (source_is_lost(loop, task, now)) {
		loop_close(loop, loop->mark_ns, OVER_LOST);
		return;
	}
	if (scope.stalls && loop->state == LOOP_BUSY && loop->away_nr >= 0)
		slept_in(loop, task, now, &in);
	else
		transition_switch_in(loop, now, &in);
	if (loop_exit_is_presumed(loop))
		transition_presume_exit(loop, now);
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct loop *loop = loop_of(prev);

	if (loop && loop->state && !loop->over)
		switched_out(loop, prev, preempt, bpf_ktime_get_ns());
	loop = loop_of(next);
	if (loop && loop->state && !loop->over)
		switched_in(loop, next, bpf_ktime_get_ns());
	return 0;
}

SEC("?tp_btf/sched_waking")
int BPF_PROG(sched_waking, struct task_struct *task)
{
	struct loop *loop = loop_of(task);
	struct cfs_rq *queue;
	__u64 now;

	if (!loop || !loop->state)
		return 0;
	now = bpf_ktime_get_ns();
	queue = task->se.cfs_rq;
	loop_waking(loop, now, (__u64)queue,
		    queue_throttled_ns(queue, now, loop->clock_offset_ns, true));
	if (scope.stalls && stall_wants_waker(loop, now)) {
		struct stall *stall = stall_of(task);

		if (stall)
			waker_note(stall);
	}
	return 0;
}

static __always_inline int migrated(struct task_struct *task, struct loop *loop, struct cfs_rq *to)
{
	struct cfs_rq *from = task->se.cfs_rq;
	__u64 now = bpf_ktime_get_ns();

	if (to)
		loop_migrate(loop, (__u64)from,
			     queue_throttled_ns(from, now, loop->clock_offset_ns, true), (__u64)to,
			     queue_throttled_ns(to, now, loop->clock_offset_ns, false));
	return 0;
}

SEC("?tp_btf/sched_migrate_task")
int BPF_PROG(sched_migrate, struct task_struct *task, int cpu)
{
	struct loop *loop = loop_of(task);

	return loop && loop->state ? migrated(task, loop, task_queue_in_array(task, cpu)) : 0;
}

/* The same where a group's queues are per-CPU data. */
SEC("?tp_btf/sched_migrate_task")
int BPF_PROG(sched_migrate_7, struct task_struct *task, int cpu)
{
	struct loop *loop = loop_of(task);

	return loop && loop->state ? migrated(task, loop, task_queue_per_cpu(task, cpu)) : 0;
}
