/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stalls as they begin, last and end: records of stall.h, but for stacks. */
#ifndef LOOPSCOPE_STALL_BPF_H
#define LOOPSCOPE_STALL_BPF_H

#include "emit.bpf.h"

/* Sends a record of that kind, as of now; 0: the ring was full, which is counted. */
extern int stall_tell(struct loop *loop, struct stall *stall, __u32 kind, __u64 now,
		      __u64 throttled_ns);

/* A sleep of a busy interval is over, by the thread itself. */
extern int stall_sleep_ended(struct stall *stall, const struct loop *loop, __s32 nr,
			     __u64 slept_ns);

/* The busy interval of the loop, which is the current thread's, ends as a stall. */
extern int stall_ended(struct loop *loop, __u64 busy_ns);

/* Whether the loop's policy, which the next walk will apply, has it so. */
static __always_inline bool stall_is_wanted(const struct loop *loop, __u64 busy_ns)
{
	struct loop_id id = loop->id;
	const struct loop_policy *policy;

	if (!scope.policies)
		return true;
	policy = bpf_map_lookup_elem(&policies, &id);
	return !policy || (!policy->excluded && busy_ns >= policy->blocking_ns);
}

/*
 * Takes up a loop that is overdue: tells that its stall has begun, if nobody has. False: nothing is
 * to be told of it.
 */
static __always_inline bool stall_meet(struct loop *loop, struct stall *stall, __u64 start,
				       __u64 now, __u64 throttled_ns)
{
	__u64 met = stall->begun_ns;

	if (!stall_is_wanted(loop, now - start))
		return false;
	if (met == start)
		return true;
	/* the watch may be late: the thread has met a later one then, or does so now */
	if (met > start || __sync_val_compare_and_swap(&stall->begun_ns, met, start) != met)
		return false;
	stall_of_interval(stall, start);
	if (stall_begin(stall, now, scope.max_stalls))
		stall_tell(loop, stall, RECORD_STALL_BEGUN, now, throttled_ns);
	return true;
}

#endif
