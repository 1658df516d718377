/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Who finds a stall while it lasts: a timer tick on each CPU, the thread that runs there; the watch
 * (walk.bpf.c), those that do not run. Nothing is asked of a loop that is not overdue. Threads that
 * user space named, since they have not been seen to wait, are looked at here.
 *
 * Kernel floor: 5.15.
 */
#include "overdue.bpf.h"
#include "scope.bpf.h"
#include <bpf/bpf_tracing.h>

/* The call that a thread runs in; -1: it is in user mode. */
static __always_inline __s32 running_syscall(struct task_struct *task)
{
	__s32 nr = task_syscall_nr(task);

	return nr < 0 ? -1 : nr;
}

static __always_inline void send_current(struct task_struct *task, const struct loop_id *id,
					 __u64 process_start_ns, __u64 start, __u64 now)
{
	struct stack_request request = {
		.id = *id,
		.process_start_ns = process_start_ns,
		.start_ns = start,
		.now = now,
		.cause = CAUSE_CPU,
		.syscall_nr = running_syscall(task),
	};

	stack_send_current(&request);
}

static __always_inline void tick_of_loop(struct task_struct *task, struct loop *loop, __u64 now)
{
	__u64 start = loop_busy_start(loop);
	struct stall *stall = stall_of(task);
	enum stall_met met;
	bool stack;

	if (!stall || !loop_is_shown(loop, now))
		return;
	met = stall_meet(loop, stall, start, now);
	if (met == STALL_PASSED)
		return;
	stack = stack_due(stall, start, now);
	if (met == STALL_BEGINS)
		stall_tell(loop, stall, RECORD_STALL_BEGUN, now, 0);
	if (stack)
		send_current(task, &loop->id, loop->process_start_ns, start, now);
}

/* A thread that user space named: it has not waited since. Its stacks are wanted from then on. */
static __always_inline struct unseen_thread *unseen_of(struct task_struct *task)
{
	struct unseen_thread *thread;
	__u32 tid;

	if (!nr_unseen || loop_of(task))
		return NULL;
	tid = task_visible_nr(task);
	thread = bpf_map_lookup_elem(&unseen, &tid);
	if (thread)
		thread->stall.told = STALL_TOLD;
	return thread;
}

static __always_inline void tick_of_unseen(struct task_struct *task, __u64 now)
{
	struct unseen_thread *thread = unseen_of(task);

	if (!thread)
		return;
	if (stack_due(&thread->stall, thread->request.since_ns, now))
		send_current(task, &thread->request.id, thread->request.process_start_ns, 0, now);
}

SEC("?perf_event")
int stall_tick(void *context)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct loop *loop = loop_of(task);
	__u64 now;

	if (!loop && !nr_unseen)
		return 0;
	now = bpf_ktime_get_ns();
	if (!loop)
		tick_of_unseen(task, now);
	else if (loop_is_overdue(loop, now))
		tick_of_loop(task, loop, now);
	return 0;
}

static __always_inline __u32 sleeping_cause(struct task_struct *task, __s32 nr)
{
	if (task->__state & TASK_STOPPED_OR_TRACED || nr == TASK_CALL_LEFT)
		return CAUSE_OTHER;
	if (nr == NR_futex || nr == NR_futex_waitv || nr == NR_futex_wait)
		return CAUSE_LOCK;
	return nr < 0 ? CAUSE_PAGE_FAULT : CAUSE_SYSCALL;
}

/* Threads that are no loops yet: few, and only at first. */
SEC("?iter/task")
int watch_unseen(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	struct stack_request request = {};
	struct unseen_thread *thread;
	__s32 nr;

	if (!task || !task->__state)
		return 0;
	thread = unseen_of(task);
	if (!thread)
		return 0;
	request.now = bpf_ktime_get_ns();
	if (!sleeping_stack_due(task, &thread->stall, thread->request.since_ns, request.now))
		return 0;
	nr = task_syscall_nr(task);
	request.id = thread->request.id;
	request.process_start_ns = thread->request.process_start_ns;
	request.cause = sleeping_cause(task, nr);
	request.syscall_nr = nr < 0 ? -1 : nr;
	send_sleeping(task, &request);
	return 0;
}
