/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sorted when it is looked into. Of those that begin at the same address only the last is kept;
 * when there is no room, those written before half of all the others go.
 */
#include "symbols/jit/perf_entries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/percent.h"
#include "base/sorted.h"

#define FIRST_ROOM 1024
#define MAX_SIZE (1ULL << 31) /* of a piece of code: V8 has no larger ones, nor Java */
#define MAX_DIGITS 16

/* How many entries that begin earlier may be looked at, where they lie over each other. */
#define MAX_STEPS 256

/* The value of the digits at *at, which goes behind the blank after them; false: there is none. */
static bool take_hex(const char *text, size_t length, size_t *at, uint64_t *ret_value)
{
	uint64_t value = 0;
	size_t digits = 0;

	if (length - *at > 2 && text[*at] == '0' && (text[*at + 1] | 0x20) == 'x')
		*at += 2;
	while (*at < length && hex_digit(text[*at]) >= 0 && digits++ < MAX_DIGITS)
		value = value << 4 | (uint64_t)hex_digit(text[(*at)++]);
	if (!digits || *at == length || text[*at] != ' ')
		return false;
	(*at)++;
	*ret_value = value;
	return true;
}

bool perf_line_parse(const char *text, size_t length, struct perf_entry *ret_entry,
		     size_t *ret_name_at)
{
	uint64_t start, size;
	size_t at = 0;

	if (!take_hex(text, length, &at, &start) || !take_hex(text, length, &at, &size) ||
	    at == length || !size || size > MAX_SIZE || start > UINT64_MAX - size)
		return false;
	*ret_entry = (struct perf_entry){.start = start, .end = start + size};
	*ret_name_at = at;
	return true;
}

/* By address; the one written last before the others of the same. */
static int compare_start(const void *left, const void *right)
{
	const struct perf_entry *a = left, *b = right;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->offset < b->offset ? 1 : -1;
}

static int compare_offset(const void *left, const void *right)
{
	const struct perf_entry *a = left, *b = right;

	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static void sort(struct perf_entries *entries)
{
	uint64_t last_end = 0;
	size_t nr = 0;

	if (entries->sorted || !entries->nr)
		return;
	qsort(entries->entries, entries->nr, sizeof(*entries->entries), compare_start);
	for (size_t i = 0; i < entries->nr; i++) {
		struct perf_entry *entry = &entries->entries[i];

		if (nr && entries->entries[nr - 1].start == entry->start)
			continue;
		last_end = entry->end > last_end ? entry->end : last_end;
		entry->last_end = last_end;
		entries->entries[nr++] = *entry;
	}
	entries->nr = nr;
	entries->sorted = true;
}

/* Those that others have replaced go first, then the older half. */
static void make_room(struct perf_entries *entries)
{
	size_t half = PERF_MAX_ENTRIES / 2;

	sort(entries);
	if (entries->nr <= half)
		return;
	qsort(entries->entries, entries->nr, sizeof(*entries->entries), compare_offset);
	entries->left_out += entries->nr - half;
	memmove(entries->entries, entries->entries + entries->nr - half,
		half * sizeof(*entries->entries));
	entries->nr = half;
	entries->sorted = false;
}

static int grow(struct perf_entries *entries)
{
	size_t room = entries->room ? 2 * entries->room : FIRST_ROOM;
	struct perf_entry *larger;

	larger = reallocarray(entries->entries, room, sizeof(*larger));
	if (!larger)
		return -ENOMEM;
	entries->entries = larger;
	entries->room = room;
	return 0;
}

int perf_entries_add(struct perf_entries *entries, const struct perf_entry *entry)
{
	if (entries->nr == PERF_MAX_ENTRIES)
		make_room(entries);
	if (entries->nr == entries->room && grow(entries))
		return -ENOMEM;
	entries->entries[entries->nr++] = *entry;
	entries->sorted = false;
	return 0;
}

const struct perf_entry *perf_entries_find(struct perf_entries *entries, uint64_t address)
{
	const struct perf_entry *found = NULL;
	size_t at;

	sort(entries);
	at = sorted_up_to(entries->entries, entries->nr, sizeof(*entries->entries), address);
	for (int step = 0; at > 0 && step < MAX_STEPS; step++) {
		const struct perf_entry *entry = &entries->entries[--at];

		if (entry->last_end <= address)
			break;
		if (entry->end > address && (!found || entry->offset > found->offset))
			found = entry;
	}
	return found;
}

void perf_entries_reset(struct perf_entries *entries)
{
	entries->nr = 0;
	entries->sorted = false;
	entries->left_out = 0;
}

void perf_entries_done(struct perf_entries *entries)
{
	free(entries->entries);
	*entries = (struct perf_entries){};
}
