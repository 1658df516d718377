/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table by loop. Beyond its maximum, and without memory, it forgets. */
#include "commands/past_culprits.h"

#include <stdlib.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "view/stall_line.h"

#define MAX_CULPRITS 4096

struct past_culprit {
	struct loop_id id;
	__u64 time_ns;
	char text[STALL_CULPRIT_LEN];
	UT_hash_handle hh;
};

static void forget(struct past_culprits *past, struct past_culprit *culprit)
{
	HASH_DEL(past->all, culprit);
	free(culprit);
}

static struct past_culprit *find(const struct past_culprits *past, const struct loop_id *id)
{
	struct past_culprit *culprit;

	HASH_FIND(hh, past->all, id, sizeof(*id), culprit);
	return culprit;
}

void past_culprits_done(struct past_culprits *past)
{
	while (past->all)
		forget(past, past->all);
}

void past_culprits_take(struct past_culprits *past, const struct loop_entry *entry)
{
	const struct stall_line line = {.event = STALL_EVENT_ENDED, .entry = entry};
	const struct stack *stack;
	const struct stack_frame *frame = stall_line_culprit(&line, &stack);
	struct past_culprit *culprit = find(past, &entry->stall->id);

	if (culprit)
		forget(past, culprit);
	if (!frame)
		return;
	if (HASH_COUNT(past->all) >= MAX_CULPRITS)
		forget(past, past->all);
	culprit = calloc(1, sizeof(*culprit));
	if (!culprit)
		return;
	culprit->id = entry->stall->id;
	culprit->time_ns = entry->stall->until_ns;
	stall_culprit_text(culprit->text, frame);
	HASH_ADD(hh, past->all, id, sizeof(culprit->id), culprit);
	if (!culprit->hh.tbl)
		free(culprit);
}

void past_culprits_advance(struct past_culprits *past, __u64 now_ns)
{
	while (past->all && now_ns > past->all->time_ns + PAST_CULPRITS_NS)
		forget(past, past->all);
}

const char *past_culprits_of(const struct past_culprits *past, const struct loop_id *id)
{
	const struct past_culprit *culprit = find(past, id);

	return culprit ? culprit->text : NULL;
}
