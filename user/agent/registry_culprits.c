/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which code a loop's stalls are put down to. A stall is told of by its record, with its code, and
 * counted by a window, without: it is counted with its code if the record comes before the window,
 * so that no series ever goes back.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/registry_parts.h"

static struct loop_culprit *find(struct watched_loop *loop, const char *function, enum cause cause)
{
	for (size_t i = 0; i < loop->nr_culprits; i++) {
		struct loop_culprit *culprit = &loop->culprits[i];

		if (culprit->cause == cause && !strcmp(culprit->function, function))
			return culprit;
	}
	return NULL;
}

/* NULL: beyond the limit, or no memory. */
static struct loop_culprit *add(struct watched_loop *loop, const char *function, enum cause cause,
				size_t max)
{
	struct loop_culprit *culprit;

	if (!loop->culprits)
		loop->culprits = calloc(max, sizeof(*loop->culprits));
	if (!loop->culprits || loop->nr_culprits >= max)
		return NULL;
	culprit = &loop->culprits[loop->nr_culprits];
	culprit->function = strdup(function);
	if (!culprit->function)
		return NULL;
	culprit->cause = cause;
	loop->nr_culprits++;
	return culprit;
}

void registry_note_culprit(struct registry *registry, struct watched_loop *loop,
			   const char *function, enum cause cause, __u64 end_ns)
{
	struct loop_culprit *culprit;

	if (!registry->options.max_culprits || loop->ended || end_ns <= loop->reported_ns)
		return;
	culprit = find(loop, function, cause)
			  ?: add(loop, function, cause, registry->options.max_culprits);
	if (culprit)
		culprit->pending++;
}

void registry_count_culprits(struct watched_loop *loop, const __u64 stalls[NR_CAUSES])
{
	__u64 left[NR_CAUSES];

	memcpy(left, stalls, sizeof(left));
	for (size_t i = 0; i < loop->nr_culprits; i++) {
		struct loop_culprit *culprit = &loop->culprits[i];
		__u64 nr = culprit->pending;

		if (nr > left[culprit->cause])
			nr = left[culprit->cause];
		left[culprit->cause] -= nr;
		culprit->pending -= nr;
		culprit->stalls += nr;
	}
}

void registry_ship_culprits(struct watched_loop *loop)
{
	for (size_t i = 0; i < loop->nr_culprits; i++)
		loop->culprits[i].on_way = loop->culprits[i].stalls;
}

void registry_culprits_arrived(struct watched_loop *loop)
{
	for (size_t i = 0; i < loop->nr_culprits; i++)
		loop->culprits[i].since = loop->culprits[i].on_way;
}

void registry_forget_culprits(struct watched_loop *loop)
{
	for (size_t i = 0; i < loop->nr_culprits; i++)
		free(loop->culprits[i].function);
	free(loop->culprits);
}
