/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a loop is called among those of its process: by its tid. A tid that is used
 * again while a loop that had it is still shown gets a number, which is never that
 * of another one shown, whichever of them goes first. So does that of a process that has
 * become another by exec: all else that it is known by may have stayed. Looked up, not searched
 * for: a process may have had ten thousand loops in an interval.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/registry_parts.h"

struct name_key {
	__u64 pid;
	__u64 tid;
};

struct name_use {
	struct name_key key;
	unsigned int nr_loops; /* that are shown */
	unsigned int last;     /* number that the last of them got */
	UT_hash_handle hh;
};

static struct name_use *find_or_add(struct registry *registry, const struct name_key *key)
{
	struct name_use *use;

	HASH_FIND(hh, registry->names, key, sizeof(*key), use);
	if (use)
		return use;
	use = calloc(1, sizeof(*use));
	if (!use)
		return NULL;
	use->key = *key;
	HASH_ADD(hh, registry->names, key, sizeof(use->key), use);
	if (use->hh.tbl)
		return use;
	free(use);
	return NULL;
}

int registry_take_name(struct registry *registry, struct watched_loop *loop)
{
	const struct name_key key = {loop->process->key.pid, loop->id.tid};
	struct name_use *use = find_or_add(registry, &key);

	if (!use)
		return -ENOMEM;
	use->nr_loops++;
	if (++use->last == 1)
		snprintf(loop->id_text, sizeof(loop->id_text), "%u", loop->id.tid);
	else
		snprintf(loop->id_text, sizeof(loop->id_text), "%u-%u", loop->id.tid, use->last);
	loop->name = use;
	return 0;
}

void registry_give_name(struct registry *registry, struct watched_loop *loop)
{
	struct name_use *use = loop->name;

	if (--use->nr_loops)
		return;
	HASH_DEL(registry->names, use);
	free(use);
}
