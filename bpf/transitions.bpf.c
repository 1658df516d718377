/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transitions as global functions: the verifier takes each by itself, so that
 * their paths do not multiply, and loading stays a matter of milliseconds.
 *
 * Kernel floor: 5.15.
 */
#include "transitions.bpf.h"
#include "stall.bpf.h"

__noinline int loop_count_ns(struct loop *loop, __u32 histogram, __u64 ns)
{
	if (loop && histogram < NR_LOOP_MAXIMA)
		loop_count_time(loop, histogram, ns);
	return 0;
}

__noinline int loop_count_stall(struct loop *loop, __u64 busy_ns)
{
	__u32 cause;

	if (!loop)
		return 0;
	cause = loop_dominant_cause(loop, busy_ns);
	loop->stalls[cause & (LOOP_CAUSE_SLOTS - 1)]++;
	if (scope.stalls)
		stall_ended(loop, busy_ns);
	return 0;
}

__noinline int transition_switch_out(struct loop *loop, __u64 now, const struct switch_out *out)
{
	if (loop && out)
		loop_switch_out(loop, now, out);
	return 0;
}

__noinline int transition_switch_in(struct loop *loop, __u64 now, const struct switch_in *in)
{
	if (!loop || !in)
		return 0;
	switch (loop_switch_in(loop, now, in)) {
	case SWITCH_MISS_WAKING:
		count(COUNTER_MISSED_WAKING);
		break;
	case SWITCH_MISS_OUT:
		count(COUNTER_MISSED_SWITCH);
		break;
	case SWITCH_MISS_NONE:
		break;
	}
	return 0;
}

__noinline int transition_presume_exit(struct loop *loop, __u64 now)
{
	if (loop)
		loop_presume_exit(loop, now);
	return 0;
}

__noinline int transition_heal_edge(struct loop *loop, __u64 now)
{
	if (loop && loop_heal(loop, now))
		count(COUNTER_MISSED_EDGE);
	return 0;
}
