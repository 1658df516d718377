/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each stack gets the difference of two rounded sums, so that nothing is lost or made. */
#include "model/stall_split.h"

/* Whether a stack that was taken in `taken` tells of time of `cause`; all do if `any`. */
static bool tells_of(enum cause taken, enum cause cause, bool any)
{
	static const bool wants_cpu[NR_CAUSES] = {
		[CAUSE_CPU] = true,
		[CAUSE_RUNQUEUE] = true,
		[CAUSE_CPU_QUOTA] = true,
	};

	return any || taken == cause || (wants_cpu[taken] && wants_cpu[cause]);
}

static __u64 weight_of(const struct stall *stall, enum cause cause, bool any)
{
	__u64 weight_ns = 0;

	for (size_t i = 0; i < stall->nr_stacks; i++) {
		if (tells_of(stall->stacks[i].stack->cause, cause, any))
			weight_ns += stall->stacks[i].weight_ns;
	}
	return weight_ns;
}

static int split_cause(const struct stall *stall, enum cause cause, stall_part_fn callback,
		       void *context)
{
	const __u64 time_ns = stall->cause_ns[cause];
	__u64 weight_ns = weight_of(stall, cause, false), before_ns = 0, given_ns = 0;
	const bool any = !weight_ns;
	int r = 0;

	if (any)
		weight_ns = weight_of(stall, cause, true);
	if (!weight_ns)
		return callback(
			&(struct stall_part){.cause = cause, .guessed = true, .time_ns = time_ns},
			context);
	for (size_t i = 0; i < stall->nr_stacks && !r; i++) {
		const struct stall_stack *stack = &stall->stacks[i];
		struct stall_part part = {.stack = stack->stack, .cause = cause, .guessed = any};

		if (!tells_of(stack->stack->cause, cause, any))
			continue;
		before_ns += stack->weight_ns;
		part.time_ns =
			(__u64)((unsigned __int128)time_ns * before_ns / weight_ns) - given_ns;
		given_ns += part.time_ns;
		if (part.time_ns)
			r = callback(&part, context);
	}
	return r;
}

int stall_split(const struct stall *stall, stall_part_fn callback, void *context)
{
	int r = 0;

	for (enum cause cause = 0; cause < NR_CAUSES && !r; cause++) {
		if (stall->cause_ns[cause])
			r = split_cause(stall, cause, callback, context);
	}
	return r;
}
