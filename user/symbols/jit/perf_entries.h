/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lines of a perf map, "START SIZE NAME" in hexadecimal digits, as a table of addresses. Names stay
 * in the file: an entry only says where its line is. Code moves, and its place is used again: of
 * the entries that cover an address, the one that was written last counts.
 */
#ifndef LOOPSCOPE_PERF_ENTRIES_H
#define LOOPSCOPE_PERF_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PERF_MAX_ENTRIES (512 * 1024)
#define PERF_MAX_LINE 4096 /* what is longer is cut */

struct perf_entry {
	uint64_t start, end;
	uint64_t offset;   /* of its line in the file */
	uint64_t last_end; /* the greatest `end` of all entries up to this one */
};

/* All zero is an empty table. */
struct perf_entries {
	struct perf_entry *entries; /* owned */
	size_t nr, room;
	bool sorted;       /* by start; else by offset at the end */
	uint64_t left_out; /* lines of the file that are in it no longer, the oldest of all */
};

/* False: the line is none of a perf map. `text` is not terminated. */
bool perf_line_parse(const char *text, size_t length, struct perf_entry *ret_entry,
		     size_t *ret_name_at);

/* Takes one with a greater offset than all before. -ENOMEM. */
int perf_entries_add(struct perf_entries *entries, const struct perf_entry *entry);

/* The one that counts at an address; NULL: none does. */
const struct perf_entry *perf_entries_find(struct perf_entries *entries, uint64_t address);

void perf_entries_reset(struct perf_entries *entries);
void perf_entries_done(struct perf_entries *entries);

#endif
