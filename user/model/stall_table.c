/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of stalls that go on. */
#include "model/stall_table.h"

#include <errno.h>
#include <stdlib.h>

#define DEFAULT_STACK_BYTES ((size_t)64 << 20) /* a large one for each of a thousand stalls */

int stalls_new(const struct stalls_options *options, struct stalls **ret_stalls)
{
	struct stalls *stalls = calloc(1, sizeof(*stalls));

	if (!stalls)
		return -ENOMEM;
	stalls->options = *options;
	if (!options->max_stack_bytes)
		stalls->options.max_stack_bytes = DEFAULT_STACK_BYTES;
	*ret_stalls = stalls;
	return 0;
}

static void open_stall_free(struct open_stall *open)
{
	if (!open)
		return;
	stall_done(&open->stall);
	free(open);
}
DEFINE_CLEANUP(struct open_stall *, open_stall_free)

static void forget(struct stalls *stalls, struct open_stall *open)
{
	stalls->nr_unseen -= open->stall.unseen;
	stalls->stack_bytes -= open->stall.stack_bytes;
	HASH_DEL(stalls->open, open);
	open_stall_free(open);
}

void stalls_free(struct stalls *stalls)
{
	if (!stalls)
		return;
	while (stalls->open)
		forget(stalls, stalls->open);
	free(stalls);
}

static struct open_stall *find(const struct stalls *stalls, const struct stall_key *key)
{
	struct open_stall *open;

	HASH_FIND(hh, stalls->open, key, sizeof(*key), open);
	return open;
}

struct open_stall *stall_table_find(const struct stalls *stalls, const struct loop_id *id)
{
	return find(stalls, &(struct stall_key){.id = *id});
}

/* The thread's numbers alone: what else there is in its id is not known in the same way. */
static struct stall_key unseen_key(const struct loop_id *id)
{
	return (struct stall_key){.id = {.pid = id->pid, .tid = id->tid}, .unseen = 1};
}

struct open_stall *stall_table_find_unseen(const struct stalls *stalls, const struct loop_id *id)
{
	const struct stall_key key = unseen_key(id);

	return stalls->nr_unseen ? find(stalls, &key) : NULL;
}

const struct stall *stalls_of(const struct stalls *stalls, const struct loop_id *id)
{
	const struct open_stall *open =
		stall_table_find(stalls, id) ?: stall_table_find_unseen(stalls, id);

	return open && !memcmp(&open->stall.id, id, sizeof(*id)) ? &open->stall : NULL;
}

int stall_table_tell(struct stalls *stalls, enum stall_event event, const struct stall *stall)
{
	const struct stalls_options *options = &stalls->options;

	return options->event ? options->event(event, stall, options->context) : 0;
}

/* A thread not seen to wait is known of before it has held up anything. */
static bool is_stall(const struct stalls *stalls, const struct stall *stall)
{
	return !stall->unseen || stall->until_ns - stall->start_ns >= stalls->options.blocking_ns;
}

int stall_table_tell_begun(struct stalls *stalls, struct open_stall *open)
{
	open->stall.awaits_stack = false;
	if (open->told || !is_stall(stalls, &open->stall))
		return 0;
	open->told = true;
	return stall_table_tell(stalls, STALL_EVENT_BEGUN, &open->stall);
}

int stall_table_tell_on(struct stalls *stalls, struct open_stall *open)
{
	return open->told ? stall_table_tell(stalls, STALL_EVENT_LASTS, &open->stall)
			  : stall_table_tell_begun(stalls, open);
}

int stall_table_end(struct stalls *stalls, struct open_stall *open, enum stall_state state)
{
	int r = stall_table_tell_begun(stalls, open);

	open->stall.state = state;
	if (!r && open->told)
		r = stall_table_tell(stalls, STALL_EVENT_ENDED, &open->stall);
	forget(stalls, open);
	return r;
}

static int make_room(struct stalls *stalls)
{
	struct open_stall *oldest = stalls->open;

	if (HASH_COUNT(stalls->open) < stalls->options.max_open)
		return 0;
	for (struct open_stall *open = stalls->open; open; open = open->hh.next) {
		if (open->stall.until_ns < oldest->stall.until_ns)
			oldest = open;
	}
	return oldest ? stall_table_end(stalls, oldest, STALL_LOST) : 0;
}

int stall_table_add(struct stalls *stalls, const struct stall *stall, struct open_stall **ret_open)
{
	_cleanup_(open_stall_freep) struct open_stall *open = NULL;
	int r = make_room(stalls);

	if (r)
		return r;
	open = calloc(1, sizeof(*open));
	if (!open)
		return -ENOMEM;
	open->key = stall->unseen ? unseen_key(&stall->id) : (struct stall_key){.id = stall->id};
	open->stall = *stall;
	open->awaited_ns = stall->until_ns;
	HASH_ADD(hh, stalls->open, key, sizeof(open->key), open);
	if (!open->hh.tbl)
		return -ENOMEM;
	stalls->nr_unseen += stall->unseen;
	*ret_open = TAKE_PTR(open);
	return 0;
}

/* NULL: none of those that can give one to `taker`, which gets another. */
static struct open_stall *most_bytes(const struct stalls *stalls, const struct open_stall *taker)
{
	struct open_stall *most = NULL;

	for (struct open_stall *open = stalls->open; open; open = open->hh.next) {
		if (open->stall.nr_stacks < (open == taker ? 1 : 2))
			continue;
		if (!most || open->stall.stack_bytes > most->stall.stack_bytes)
			most = open;
	}
	return most;
}

static bool make_room_for_stack(struct stalls *stalls, const struct open_stall *taker, size_t bytes)
{
	while (stalls->stack_bytes + bytes > stalls->options.max_stack_bytes) {
		struct open_stall *giver = most_bytes(stalls, taker);

		stalls->stacks_held++;
		if (!giver)
			return false;
		stalls->stack_bytes -= giver->stall.stack_bytes;
		stall_drop_stack(&giver->stall);
		stalls->stack_bytes += giver->stall.stack_bytes;
	}
	return true;
}

int stall_table_add_stack(struct stalls *stalls, struct open_stall *open, struct stack *stack)
{
	int r;

	if (!make_room_for_stack(stalls, open, stack->memory_bytes))
		return -ENOBUFS;
	stalls->stack_bytes -= open->stall.stack_bytes;
	r = stall_add_stack(&open->stall, stack, stalls->options.max_stacks);
	stalls->stack_bytes += open->stall.stack_bytes;
	return r;
}

__u64 stalls_stacks_held(const struct stalls *stalls)
{
	return stalls->stacks_held;
}
