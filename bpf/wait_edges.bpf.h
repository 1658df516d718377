/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Both edges of a wait call, whatever program type sees them: of the loop's own
 * waits, which are nearly all, and of what else its thread waits for.
 */
#ifndef LOOPSCOPE_WAIT_EDGES_BPF_H
#define LOOPSCOPE_WAIT_EDGES_BPF_H

#include "descriptor.bpf.h"
#include "emit.bpf.h"
#include "transitions.bpf.h"
#include "wait_choice.bpf.h"
#include "wait_family.bpf.h"

/* Most threads that poll wait for one descriptor: all others pay for them. */
static __always_inline bool wait_may_begin(const struct wait_call *call)
{
	return call->family != WAIT_NONE &&
	       (call->family != WAIT_POLL || call->max_events > 1 || scope.wait_family);
}

static __always_inline int wait_entered(struct task_struct *task, const struct wait_call *call)
{
	struct loop *loop = loop_of(task);
	__u64 now;
	bool own;

	if (!loop || !loop->state) {
		if (wait_may_begin(call))
			wait_of_no_loop(call);
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (!loop->over && source_is_lost(loop, task, now))
		loop_close(loop, loop->mark_ns, OVER_LOST);
	if (loop->over) {
		wait_of_no_loop(call);
		return 0;
	}
	if (loop->away != LOOP_ON_CPU)
		transition_heal_switch_in(loop, task, now);
	own = wait_call_is_own(loop, call);
	if (!own && wait_elsewhere(loop, call, now) != ELSEWHERE_OWN)
		return 0;
	if (loop_wait_enter(loop, now, call))
		count(COUNTER_MISSED_EDGE);
	if (!own)
		wait_source_begin(loop);
	loop->nested = 0;
	loop->other.count = 0;
	if (loop->asked && window_asked_take(loop))
		window_send_own(loop, now, RECORD_LOOP_WINDOW);
	return 0;
}

/* restarted: restart_syscall returns, which is the return of whatever call it went on with. */
static __always_inline int wait_returned(struct task_struct *task, long result,
					 const bool restarted)
{
	struct loop *loop = loop_of(task);
	__u64 now;

	if (!loop || !loop->state || loop->over)
		return 0;
	if (restarted && (loop->call.family != WAIT_POLL || loop->state != LOOP_POLL))
		return 0;
	if (loop->nested) {
		loop->nested = 0;
		return 0;
	}
	now = bpf_ktime_get_ns();
	if (loop->away != LOOP_ON_CPU)
		transition_heal_switch_in(loop, task, now);
	if (loop->call.family == WAIT_IO_URING)
		result = wait_ring_result(loop, result);
	if (loop_wait_exit(loop, now, result))
		count(COUNTER_MISSED_EDGE);
	return 0;
}

static __always_inline int close_entered(struct task_struct *task, __s32 descriptor)
{
	struct loop *loop = loop_of(task);

	if (loop && loop->state && loop->source_kind && loop->call.source == descriptor)
		wait_closes(loop);
	return 0;
}

#endif
