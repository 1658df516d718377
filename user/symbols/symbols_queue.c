/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was submitted, in order. Nothing is out before all that came before it is. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "symbols/symbols_parts.h"
#include "symbols/unresolved.h"

/* More than kernel's ceilings let through while one stack takes all its time: nobody reads. */
#define MAX_ENTRIES 16384
#define MAX_LATER 1024 /* beyond it, processes that were given up are not asked for again */
#define LATER_NS PROGRAM_STARTS_NS

static void entry_free(struct entry *entry)
{
	if (!entry)
		return;
	free(entry->data);
	free(entry);
}
DEFINE_CLEANUP(struct entry *, entry_free)

static unsigned char *copy(const void *data, size_t size)
{
	unsigned char *bytes = malloc(size);

	if (bytes)
		memcpy(bytes, data, size);
	return bytes;
}

/* NULL: there is no room, or no memory. */
struct entry *symbols_put(struct symbols *symbols, enum entry_kind kind, const void *data,
			  size_t size)
{
	_cleanup_(entry_freep) struct entry *entry = calloc(1, sizeof(*entry));

	if (!entry || symbols->nr_entries >= MAX_ENTRIES)
		return NULL;
	if (size && !(entry->data = copy(data, size)))
		return NULL;
	entry->size = size;
	entry->kind = kind;
	if (kind != ENTRY_PROCESS)
		DL_APPEND(symbols->entries, entry);
	symbols->nr_entries++;
	symbols->nr_stacks += kind == ENTRY_STACK;
	if (kind != ENTRY_RECORD)
		symbols_set_state(symbols, entry, ENTRY_WAITS);
	return TAKE_PTR(entry);
}

/* For all that waits there is a list, so that nothing of it is looked for among what is done. */
void symbols_set_state(struct symbols *symbols, struct entry *entry, enum entry_state state)
{
	if (entry->state != ENTRY_DONE) {
		DL_DELETE2(symbols->of_state[entry->state], entry, state_prev, state_next);
		symbols->nr_of_state[entry->state]--;
	}
	entry->state = state;
	if (state != ENTRY_DONE) {
		DL_APPEND2(symbols->of_state[state], entry, state_prev, state_next);
		symbols->nr_of_state[state]++;
	}
}

static void take_out(struct symbols *symbols, struct entry *entry)
{
	if (entry->kind != ENTRY_PROCESS || entry->state == ENTRY_DONE)
		DL_DELETE(symbols->entries, entry);
	symbols_set_state(symbols, entry, ENTRY_DONE);
	symbols->nr_entries--;
	symbols->nr_stacks -= entry->kind == ENTRY_STACK;
}

static void drop(struct symbols *symbols, struct entry *entry)
{
	take_out(symbols, entry);
	entry_free(entry);
}

void symbols_drop_all(struct symbols *symbols)
{
	while (symbols->entries)
		drop(symbols, symbols->entries);
	for (int state = 0; state < NR_ENTRY_STATES; state++) {
		while (symbols->of_state[state])
			drop(symbols, symbols->of_state[state]);
	}
}

/* Takes `data`, which is for free(). */
void symbols_done(struct symbols *symbols, struct entry *entry, unsigned char *data, size_t size)
{
	symbols_set_state(symbols, entry, ENTRY_DONE);
	if (entry->kind == ENTRY_PROCESS)
		DL_PREPEND(symbols->entries, entry);
	free(entry->data);
	entry->data = data;
	entry->size = size;
}

/* NULL: none of that number is under way. */
struct entry *symbols_sent(const struct symbols *symbols, uint64_t number)
{
	struct entry *entry;

	DL_FOREACH2(symbols->of_state[ENTRY_SENT], entry, state_next)
	{
		if (entry->number == number)
			return entry;
	}
	return NULL;
}

void symbols_send_anew(struct symbols *symbols)
{
	struct entry **sent = &symbols->of_state[ENTRY_SENT];
	struct entry **waiting = &symbols->of_state[ENTRY_WAITS];
	struct entry *entry;

	DL_FOREACH2(*sent, entry, state_next)
	entry->state = ENTRY_WAITS;
	DL_CONCAT2(*sent, *waiting, state_prev, state_next);
	*waiting = *sent;
	*sent = NULL;
	symbols->nr_of_state[ENTRY_WAITS] += symbols->nr_of_state[ENTRY_SENT];
	symbols->nr_of_state[ENTRY_SENT] = 0;
}

static void give_up_stack(struct symbols *symbols, struct entry *entry)
{
	struct buffer bytes = {};

	symbols->stats.held_back++;
	unresolved_stack(&bytes, (const struct stack_record *)entry->data);
	if (!bytes.error) {
		symbols_done(symbols, entry, bytes.data, bytes.size);
		return;
	}
	buffer_done(&bytes);
	drop(symbols, entry);
}

void symbols_give_up(struct symbols *symbols, struct entry *entry, uint64_t now_ns)
{
	if (entry->kind == ENTRY_STACK) {
		give_up_stack(symbols, entry);
	} else if (symbols->nr_of_state[ENTRY_LATER] >= MAX_LATER) {
		drop(symbols, entry);
	} else {
		entry->due_ns = now_ns + LATER_NS;
		symbols_set_state(symbols, entry, ENTRY_LATER);
	}
}

void symbols_give_up_all(struct symbols *symbols, uint64_t now_ns)
{
	while (symbols->of_state[ENTRY_WAITS])
		symbols_give_up(symbols, symbols->of_state[ENTRY_WAITS], now_ns);
}

void symbols_ask_again(struct symbols *symbols, uint64_t now_ns)
{
	struct entry *entry, *next;

	DL_FOREACH_SAFE2(symbols->of_state[ENTRY_LATER], entry, next, state_next)
	{
		if (now_ns < entry->due_ns)
			return;
		symbols_set_state(symbols, entry, ENTRY_WAITS);
	}
}

/* The oldest, if it may come out; NULL: none. */
static struct entry *next_out(const struct symbols *symbols)
{
	struct entry *entry = symbols->entries;

	return entry && entry->state == ENTRY_DONE ? entry : NULL;
}

bool symbols_deliverable(const struct symbols *symbols)
{
	return next_out(symbols);
}

/* Nothing new of one that was asked for again: by now its number may be another's. */
static bool is_nothing(const struct entry *entry)
{
	return entry->due_ns && !entry->python.version;
}

static int hand_on(const struct symbols_listener *listener, const struct entry *entry)
{
	switch (entry->kind) {
	case ENTRY_RECORD:
		return listener->record
			       ? listener->record(entry->data, entry->size, listener->context)
			       : 0;
	case ENTRY_STACK:
		return listener->stack
			       ? listener->stack(entry->data, entry->size, listener->context)
			       : 0;
	case ENTRY_PROCESS:
		return listener->python && !is_nothing(entry)
			       ? listener->python(entry->process.pid, &entry->python,
						  listener->context)
			       : 0;
	}
	return 0;
}

/* A listener may submit: it finds a list that is whole. */
int symbols_deliver(struct symbols *symbols, const struct symbols_listener *listener)
{
	struct entry *next;

	while ((next = next_out(symbols))) {
		_cleanup_(entry_freep) struct entry *entry = next;
		int r;

		take_out(symbols, entry);
		r = hand_on(listener, entry);
		if (r < 0)
			return r;
	}
	return 0;
}
