/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Both edges of a wait call, whatever program type sees them. */
#ifndef LOOPSCOPE_WAIT_EDGES_BPF_H
#define LOOPSCOPE_WAIT_EDGES_BPF_H

#include "emit.bpf.h"
#include "scope.bpf.h"
#include "transitions.bpf.h"
#include "wait_family.bpf.h"

/* libuv has its array of events on the stack of the function that waits. */
#define LIBUV_FRAME_BYTES 16384

/*
 * epoll_pwait2's timeout is a struct in user memory: not read, and not needed,
 * since libuv makes none.
 */
static __always_inline void wait_call_set(struct wait_call *call, __s32 nr, __u64 epfd,
					  __u64 events, __u64 max_events, __u64 timeout, __u64 sp)
{
	call->events = events;
	call->sp = sp;
	call->epfd = epfd;
	call->max_events = max_events;
	call->nr = nr;
	call->family = WAIT_EPOLL;
	call->zero_timeout = nr != NR_epoll_pwait2 && (__s32)timeout == 0;
	call->libuv_like = nr != NR_epoll_pwait2 && events - sp < LIBUV_FRAME_BYTES;
	call->reserved = 0;
}

static __always_inline void wait_call_from_regs(struct wait_call *call, __s32 nr,
						struct pt_regs *regs)
{
	wait_call_set(call, nr, REGS_ARG1(regs), REGS_ARG2(regs), REGS_ARG3(regs), REGS_ARG4(regs),
		      regs->sp);
}

static __always_inline int wait_entered(struct task_struct *task, const struct wait_call *call)
{
	__u64 now = bpf_ktime_get_ns();
	struct loop *loop = loop_of(task);

	if (!loop || !loop->state) {
		if (!loop)
			loop = loop_adopt(task);
		if (!loop)
			return 0;
		loop_start(loop, now, call, false);
		if (scope.announce)
			window_send_own(loop, now, RECORD_LOOP_WINDOW);
		return 0;
	}
	if (loop->away != LOOP_ON_CPU)
		transition_heal_switch_in(loop, task, now);
	if (loop_wait_enter(loop, now, call))
		count(COUNTER_MISSED_EDGE);
	if (loop->asked && window_asked_take(loop))
		window_send_own(loop, now, RECORD_LOOP_WINDOW);
	return 0;
}

static __always_inline int wait_returned(struct task_struct *task, long result)
{
	struct loop *loop = loop_of(task);
	__u64 now;

	if (!loop || !loop->state)
		return 0;
	now = bpf_ktime_get_ns();
	if (loop->away != LOOP_ON_CPU)
		transition_heal_switch_in(loop, task, now);
	if (loop_wait_exit(loop, now, result))
		count(COUNTER_MISSED_EDGE);
	return 0;
}

#endif
