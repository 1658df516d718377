/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One stall: its figures, the weights of its stacks, and what is to blame. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/stall_parts.h"
#include "model/stall_split.h"

static int add_spent(const struct stall_part *part, void *context)
{
	struct stall *stall = context;

	for (size_t i = 0; i < stall->nr_stacks; i++) {
		if (stall->stacks[i].stack == part->stack && !part->guessed &&
		    part->cause != CAUSE_OTHER)
			stall->stacks[i].spent_ns += part->time_ns;
	}
	return 0;
}

/* Each stack stands for the time since the one before; times that are out of order for none. */
static void weigh(struct stall *stall)
{
	__u64 from = stall->start_ns;

	for (size_t i = 0; i < stall->nr_stacks; i++) {
		struct stall_stack *weighed = &stall->stacks[i];
		__u64 to = weighed->stack->time_ns;

		if (to > stall->until_ns || i == stall->nr_stacks - 1)
			to = stall->until_ns;
		if (to < from)
			to = from;
		weighed->weight_ns = to - from;
		weighed->spent_ns = 0;
		from = to;
	}
	stall_split(stall, add_spent, stall);
}

void stall_set(struct stall *stall, const struct stall_record *record)
{
	stall->id = record->id;
	stall->process_start_ns = record->process_start_ns;
	stall->cgroup_id = record->cgroup_id;
	memcpy(stall->thread, record->thread, sizeof(stall->thread));
	memcpy(stall->process, record->process, sizeof(stall->process));
	stall->family = record->family;
	stall->start_ns = record->start_ns;
	stall->until_ns = record->header.time_ns;
	stall->blocking_ns = record->blocking_ns;
	memcpy(stall->cause_ns, record->cause_ns, sizeof(stall->cause_ns));
	stall->cause = record->cause;
	stall->syscall_nr = record->syscall_nr;
	stall->nr_syscalls = record->nr_syscalls;
	memcpy(stall->syscalls, record->syscalls, sizeof(stall->syscalls));
	stall->thread_exited = record->flags & STALL_THREAD_EXITS;
	stall->woken = record->flags & STALL_WOKEN;
	stall->waker = record->waker;
	stall->holder_is_news = false;
	stall->stalls_held = record->stalls_held;
	stall->stacks_held = record->stacks_held;
	weigh(stall);
}

void stall_lasts_until(struct stall *stall, __u64 until_ns)
{
	if (until_ns <= stall->until_ns)
		return;
	stall->cause_ns[stall->cause] += until_ns - stall->until_ns;
	stall->until_ns = until_ns;
	weigh(stall);
}

void stall_drop_stack(struct stall *stall)
{
	size_t least = 0;

	for (size_t i = 1; i < stall->nr_stacks; i++) {
		if (stall->stacks[i].weight_ns < stall->stacks[least].weight_ns)
			least = i;
	}
	stall->stack_bytes -= stall->stacks[least].stack->memory_bytes;
	stack_free(stall->stacks[least].stack);
	stall->nr_stacks--;
	memmove(&stall->stacks[least], &stall->stacks[least + 1],
		(stall->nr_stacks - least) * sizeof(*stall->stacks));
	weigh(stall);
}

int stall_add_stack(struct stall *stall, struct stack *stack, unsigned int max)
{
	struct stall_stack *stacks;

	stall_lasts_until(stall, stack->time_ns);
	if (stall->nr_stacks && stall->nr_stacks >= max)
		stall_drop_stack(stall);
	stacks = reallocarray(stall->stacks, stall->nr_stacks + 1, sizeof(*stacks));
	if (!stacks)
		return -ENOMEM;
	stall->stacks = stacks;
	if (stack->holder.tid)
		stall->holder = stack->holder;
	stall->holder_is_news = stack->holder.tid && stack->time_ns == stall->until_ns;
	stacks[stall->nr_stacks++] = (struct stall_stack){.stack = stack};
	stall->stack_bytes += stack->memory_bytes;
	weigh(stall);
	return 0;
}

/* Who waits with a timeout is at times found waiting for a CPU, and then for the lock again. */
static bool waits_for_lock(const struct stall *stall)
{
	return stall->cause == CAUSE_LOCK || stall->holder_is_news;
}

const struct stack_holder *stall_holder(const struct stall *stall)
{
	bool tells = stall->state == STALL_GOES_ON ? waits_for_lock(stall) : !stall->woken;

	return tells && stall->holder.tid ? &stall->holder : NULL;
}

void stall_done(struct stall *stall)
{
	for (size_t i = 0; i < stall->nr_stacks; i++)
		stack_free(stall->stacks[i].stack);
	free(stall->stacks);
	stall->stacks = NULL;
	stall->nr_stacks = 0;
	stall->stack_bytes = 0;
}
