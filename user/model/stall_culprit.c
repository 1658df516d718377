/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a stall is blamed on. Stacks are hostile: how much of them is compared is bounded. */
#include <string.h>

#include "model/stalls.h"

#define MAX_STACKS 16     /* whose frames are weighed: those that most was spent in */
#define MAX_CANDIDATES 32 /* of a stack, the innermost */
#define MAX_COMPARED 64   /* of a stack, likewise */

static bool is_application(const struct stack_frame *frame)
{
	return !(frame->flags & FRAME_RUNTIME) && (*frame->function || *frame->module);
}

/* Lines differ from one stack to the next; so do the addresses of frames without a name. */
static bool is_same(const struct stack_frame *a, const struct stack_frame *b)
{
	return !strcmp(a->function, b->function) && !strcmp(a->module, b->module) &&
	       !strcmp(a->file, b->file) && (*a->function || a->module_offset == b->module_offset);
}

static bool stands_in(const struct stack_frame *frame, const struct stack *stack)
{
	size_t compared = 0;

	for (size_t i = 0; i < stack->nr_frames && compared < MAX_COMPARED; i++) {
		if (!is_application(&stack->frames[i]))
			continue;
		if (is_same(frame, &stack->frames[i]))
			return true;
		compared++;
	}
	return false;
}

static __u64 spent_under(const struct stall *stall, const struct stack_frame *frame)
{
	__u64 under_ns = 0;

	for (size_t i = 0; i < stall->nr_stacks; i++) {
		if (stands_in(frame, stall->stacks[i].stack))
			under_ns += stall->stacks[i].spent_ns;
	}
	return under_ns;
}

/* At least half of the stall. */
static bool is_heavy(const struct stall *stall, __u64 spent_ns)
{
	return spent_ns && spent_ns >= stall->until_ns - stall->start_ns - spent_ns;
}

/* The best frame so far, and a stack that it stands in. */
struct blamed {
	const struct stack_frame *frame;
	const struct stack *stack;
	__u64 under_ns;
};

/* A callee has at most what its caller has; of two with the same, the one met first is inside. */
static bool is_better(const struct stack_frame *frame, __u64 under_ns, const struct blamed *than)
{
	if (!than->frame)
		return true;
	if (!*than->frame->function != !*frame->function)
		return *frame->function;
	return under_ns < than->under_ns;
}

static void blame_frames(const struct stall *stall, const struct stack *stack,
			 struct blamed *blamed)
{
	size_t candidates = 0;

	for (size_t i = 0; i < stack->nr_frames && candidates < MAX_CANDIDATES; i++) {
		const struct stack_frame *frame = &stack->frames[i];
		__u64 under_ns;

		if (!is_application(frame))
			continue;
		candidates++;
		under_ns = spent_under(stall, frame);
		if (is_heavy(stall, under_ns) && is_better(frame, under_ns, blamed))
			*blamed = (struct blamed){frame, stack, under_ns};
	}
}

/* Nothing of the application is heavy: what one stack shows, if it can be believed. */
static void blame_stack(const struct stack *stack, struct blamed *blamed)
{
	const struct stack_frame *frame = stack_culprit(stack);

	if (!frame || stack->cause == CAUSE_OTHER)
		return;
	if (frame->flags & FRAME_RUNTIME && stack->flags & STACK_IS_PARTIAL)
		return; /* the application's frames may be those that are missing */
	*blamed = (struct blamed){frame, stack, 0};
}

const struct stack_frame *stall_culprit_now(const struct stall *stall,
					    const struct stack **ret_stack)
{
	struct blamed blamed = {};

	if (!stall->nr_stacks)
		return NULL;
	*ret_stack = stall->stacks[stall->nr_stacks - 1].stack;
	blame_stack(*ret_stack, &blamed);
	return blamed.frame;
}

/* The one in which most was spent, after `last` in that order; of equals the earlier; or NULL. */
static const struct stall_stack *next_heaviest(const struct stall *stall,
					       const struct stall_stack *last)
{
	const struct stall_stack *best = NULL;

	for (size_t i = 0; i < stall->nr_stacks; i++) {
		const struct stall_stack *stack = &stall->stacks[i];

		if (last && (stack->spent_ns > last->spent_ns ||
			     (stack->spent_ns == last->spent_ns && stack <= last)))
			continue;
		if (!best || stack->spent_ns > best->spent_ns)
			best = stack;
	}
	return best;
}

const struct stack_frame *stall_culprit(const struct stall *stall, const struct stack **ret_stack)
{
	const struct stall_stack *heaviest = next_heaviest(stall, NULL), *stack = heaviest;
	struct blamed blamed = {};

	for (int i = 0; stack && i < MAX_STACKS; i++) {
		blame_frames(stall, stack->stack, &blamed);
		stack = next_heaviest(stall, stack);
	}
	if (!blamed.frame && heaviest) {
		if (stall->state == STALL_GOES_ON)
			blame_stack(stall->stacks[stall->nr_stacks - 1].stack, &blamed);
		else if (is_heavy(stall, heaviest->spent_ns))
			blame_stack(heaviest->stack, &blamed);
	}
	if (heaviest && ret_stack)
		*ret_stack = blamed.frame ? blamed.stack : heaviest->stack;
	return blamed.frame;
}
