/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is open when a window is sent: the present span, charged to a copy; and
 * the loop's end. Pure, as loop.h is.
 */
#ifndef LOOPSCOPE_LOOP_SNAPSHOT_H
#define LOOPSCOPE_LOOP_SNAPSHOT_H

#include "loop_sched.h"

/* The thread exits or becomes another program: what is open ends here. */
static inline void loop_finish(struct loop *loop, __u64 now)
{
	loop_sequence_bump(loop);
	if (loop->state == LOOP_BUSY) {
		loop_charge_cpu(loop, now);
		loop_end_busy(loop, now);
		loop->interval_start_ns = now;
		loop->state = LOOP_POLL; /* nothing is open any more */
	} else {
		loop_charge_poll(loop, now);
	}
	loop_sequence_bump(loop);
}

/*
 * Charges the open span of a busy interval, up to now, to a copy of the loop's causes. Returns what
 * the loop does now; *ret_syscall_nr is the call that it sleeps in, or was woken from, else -1.
 * throttled_ns is the clock of the queue it waits in, if it waits.
 */
static inline __u32 loop_charge_open(const struct loop *loop, __u64 now, __u64 throttled_ns,
				     __u64 *cause_ns, __s32 *ret_syscall_nr)
{
	__u64 mark = loop->mark_ns;
	__u64 woken, quota;

	*ret_syscall_nr = -1;
	if (loop->away == LOOP_ON_CPU) {
		cause_ns[CAUSE_CPU] += now - mark;
		return CAUSE_CPU;
	}
	woken = mark;
	if (loop->away != CAUSE_RUNQUEUE) {
		__u32 cause = (__u32)loop->away & (LOOP_CAUSE_SLOTS - 1);

		*ret_syscall_nr = loop->away_nr;
		woken = loop_woken_ns(loop, now);
		if (!woken) {
			if (cause < NR_CAUSES)
				cause_ns[cause] += now - mark;
			return cause;
		}
		if (woken > mark && cause < NR_CAUSES)
			cause_ns[cause] += woken - mark;
		else
			woken = mark;
	}
	quota = loop_quota_ns(loop, now - woken, loop->throttle.queue, throttled_ns);
	cause_ns[CAUSE_CPU_QUOTA] += quota;
	cause_ns[CAUSE_RUNQUEUE] += now - woken - quota;
	return quota ? CAUSE_CPU_QUOTA : CAUSE_RUNQUEUE;
}

/* The same, or poll time, to a window that holds the loop's own totals. */
static inline void loop_snapshot_open(const struct loop *loop, __u64 now, __u64 throttled_ns,
				      struct loop_window *window)
{
	__s32 syscall_nr;

	window->interval_start_ns = loop->interval_start_ns;
	window->state = loop->state;
	window->cause = CAUSE_CPU;
	window->syscall_nr = -1;
	if (now < loop->mark_ns)
		now = loop->mark_ns;
	window->header.time_ns = now;
	if (loop->state == LOOP_POLL || (loop->gap && loop->away == LOOP_ON_CPU &&
					 now - loop->interval_start_ns <= LOOP_GAP_NS)) {
		window->state = LOOP_POLL;
		if (loop->gap && loop->state == LOOP_BUSY)
			window->interval_start_ns = loop->poll_start_ns;
		window->poll_ns += now - loop->mark_ns;
		return;
	}
	window->cause = loop_charge_open(loop, now, throttled_ns, window->cause_ns, &syscall_nr);
	window->syscall_nr = syscall_nr;
}

#endif
