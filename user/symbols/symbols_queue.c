/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What was submitted, in order. Nothing is out before all that came before it is. */
#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "symbols/symbols_parts.h"
#include "symbols/unresolved.h"

/* More than kernel's ceilings let through while one stack takes all its time: nobody reads. */
#define MAX_ENTRIES 16384

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
	entry->state = kind == ENTRY_RECORD ? ENTRY_DONE : ENTRY_WAITS;
	DL_APPEND(symbols->entries, entry);
	symbols->nr_entries++;
	symbols->nr_stacks += kind == ENTRY_STACK;
	return TAKE_PTR(entry);
}

static void take_out(struct symbols *symbols, struct entry *entry)
{
	DL_DELETE(symbols->entries, entry);
	symbols->nr_entries--;
	symbols->nr_stacks -= entry->kind == ENTRY_STACK;
	symbols->nr_sent -= entry->state == ENTRY_SENT;
}

void symbols_drop(struct symbols *symbols, struct entry *entry)
{
	take_out(symbols, entry);
	entry_free(entry);
}

/* Takes `data`, which is for free(). */
void symbols_done(struct symbols *symbols, struct entry *entry, unsigned char *data, size_t size)
{
	symbols->nr_sent -= entry->state == ENTRY_SENT;
	entry->state = ENTRY_DONE;
	free(entry->data);
	entry->data = data;
	entry->size = size;
}

struct entry *symbols_oldest_sent(const struct symbols *symbols)
{
	struct entry *entry;

	DL_FOREACH(symbols->entries, entry)
	{
		if (entry->state == ENTRY_SENT)
			return entry;
	}
	return NULL;
}

/* NULL: none of that number is under way. */
struct entry *symbols_sent(const struct symbols *symbols, uint64_t number)
{
	struct entry *entry;

	DL_FOREACH(symbols->entries, entry)
	{
		if (entry->state == ENTRY_SENT && entry->number == number)
			return entry;
	}
	return NULL;
}

void symbols_give_up(struct symbols *symbols, struct entry *entry)
{
	struct buffer bytes = {};

	if (entry->kind == ENTRY_STACK) {
		symbols->stats.held_back++;
		unresolved_stack(&bytes, (const struct stack_record *)entry->data);
	}
	if (entry->kind == ENTRY_PROCESS || bytes.error) {
		buffer_done(&bytes);
		symbols_drop(symbols, entry);
		return;
	}
	symbols_done(symbols, entry, bytes.data, bytes.size);
}

void symbols_give_up_all(struct symbols *symbols)
{
	struct entry *entry, *next;

	DL_FOREACH_SAFE(symbols->entries, entry, next)
	{
		if (entry->state != ENTRY_DONE)
			symbols_give_up(symbols, entry);
	}
}

/* The oldest that may come out; NULL: none. */
static struct entry *next_out(const struct symbols *symbols)
{
	struct entry *entry;
	bool stack_waits = false;

	DL_FOREACH(symbols->entries, entry)
	{
		bool done = entry->state == ENTRY_DONE;

		if (done && (entry->kind == ENTRY_PROCESS || !stack_waits))
			return entry;
		stack_waits |= entry->kind == ENTRY_STACK;
	}
	return NULL;
}

bool symbols_deliverable(const struct symbols *symbols)
{
	return next_out(symbols);
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
		return listener->python ? listener->python(entry->process.pid, &entry->python,
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
