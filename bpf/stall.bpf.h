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

/* Whether it is to be told of by the loop's policy, which the next walk will apply. */
static __always_inline bool stall_is_wanted(const struct loop *loop, const struct stall *stall,
					    __u64 busy_ns)
{
	struct loop_id id = loop->id;
	const struct loop_policy *policy = NULL;

	if (scope.policies)
		policy = bpf_map_lookup_elem(&policies, &id);
	if (policy)
		return !policy->excluded && busy_ns >= policy->blocking_ns;
	return busy_ns >= stall->blocking_ns;
}

enum stall_met {
	STALL_PASSED, /* nothing is to be told of it */
	STALL_BEGINS, /* that is to be told, once it is known whether a stack follows */
	STALL_GOES_ON,
};

/* Takes up a loop that is overdue. */
static __always_inline enum stall_met stall_meet(const struct loop *loop, struct stall *stall,
						 __u64 start, __u64 now)
{
	__u64 met = stall->begun_ns;

	if (met == start)
		return STALL_GOES_ON;
	if (!stall_is_wanted(loop, stall, now - start))
		return STALL_PASSED;
	/* the watch may be late: the thread has met a later one then, or does so now */
	if (met > start || __sync_val_compare_and_swap(&stall->begun_ns, met, start) != met)
		return STALL_PASSED;
	stall_of_interval(stall, start);
	return stall_begin(stall, now, scope.max_stalls) ? STALL_BEGINS : STALL_GOES_ON;
}

#endif
