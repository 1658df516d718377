/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An iterator over all tasks, run once, at start: makes loops of those asleep in a wait call. Until
 * it has begun, no thread becomes one.
 *
 * Kernel floor: 5.15.
 */
#include "reactor.bpf.h"
#include "scope.bpf.h"
#include "wait_edges.bpf.h"
#include <bpf/bpf_tracing.h>

static __always_inline void learn_observer_namespace(void)
{
	struct task_struct *self = bpf_get_current_task_btf();
	struct pid *pid = BPF_CORE_READ(self, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	pid_upid(pid, level, &upid);
	observer_ns = (__u64)upid.ns;
	observer_ns_level = level;
}

/*
 * Select's descriptors are in the memory of another process, which is not read here: such a thread
 * is known when it has waited again.
 */
static __always_inline bool sleeping_is_loop(const struct wait_call *call)
{
	if (scope.wait_family)
		return call->family == scope.wait_family;
	switch (call->family) {
	case WAIT_NONE:
	case WAIT_SELECT:
		return false;
	case WAIT_POLL:
		return call->max_events > 1;
	default:
		return true;
	}
}

/*
 * A loop asleep in its wait call. It may wake while we look: state is set last,
 * and only if the task still sleeps, so that its edges find it whole or not yet.
 */
static __always_inline void adopt_sleeping(struct task_struct *task)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(task);
	enum wait_family family;
	struct wait_call call;
	struct loop *loop;
	__u64 now;
	__s32 nr;

	if (!regs || !(task->__state & TASK_INTERRUPTIBLE))
		return;
	nr = REGS_SYSCALL_NR(regs);
	family = wait_family_of(nr);
	if (!family || task_is_compat(task) || loop_of(task))
		return;
	wait_call_from_regs(&call, family, nr, regs);
	call.zero_timeout = 0; /* it sleeps; a time in its memory is not to be read from here */
	if (!sleeping_is_loop(&call) || !scope_wants(task))
		return;
	loop = loop_adopt(task);
	if (!loop)
		return;
	loop->needs_evidence = !scope.wait_family && !wait_family_is_sure(call.family);
	loop->call = call;
	source_begin(task, loop);
	loop->unseen_exit = scope.entry_by_switch ? UNSEEN_EXIT_ASLEEP : UNSEEN_EXIT_NO;
	now = bpf_ktime_get_ns();
	if (task->__state & TASK_INTERRUPTIBLE)
		loop_start(loop, now, &call, true);
}

SEC("?iter/task")
int scan(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	if (!ready) {
		learn_observer_namespace();
		ready = 1;
	}
	if (task)
		adopt_sleeping(task);
	return 0;
}
