/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A perf map: its first eight bytes are an address to look for, the rest is the file. What is found
 * must be the last line that covers the address; what its name says must be terminated.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "symbols/jit/jit_name.h"
#include "symbols/jit/perf_entries.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_name(const char *text, size_t length)
{
	struct jit_name name;

	jit_name_parse(text, strnlen(text, length), &name);
	if (strnlen(name.function, STACK_MAX_TEXT) == STACK_MAX_TEXT ||
	    strnlen(name.file, STACK_MAX_TEXT) == STACK_MAX_TEXT ||
	    name.language >= NR_FRAME_LANGUAGES || name.flags & ~FRAME_RUNTIME)
		abort();
}

/* The offset of the line that counts at the address, by looking at all of them; 0: none. */
static uint64_t read_lines(const char *text, size_t size, uint64_t address,
			   struct perf_entries *entries)
{
	uint64_t last = 0, nr = 0;

	for (size_t at = 0; at < size;) {
		const char *end = memchr(text + at, '\n', size - at);
		size_t length = end ? (size_t)(end - text) - at : size - at, name_at;
		struct perf_entry entry;

		if (perf_line_parse(text + at, length, &entry, &name_at)) {
			check_name(text + at + name_at, length - name_at);
			entry.offset = ++nr;
			if (perf_entries_add(entries, &entry))
				abort();
			if (entry.start <= address && address < entry.end)
				last = nr;
		}
		at += length + 1;
	}
	return last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct perf_entries entries = {};
	const struct perf_entry *found;
	uint64_t address, truth;

	if (size < sizeof(address))
		return 0;
	memcpy(&address, data, sizeof(address));
	truth = read_lines((const char *)data + sizeof(address), size - sizeof(address), address,
			   &entries);
	found = perf_entries_find(&entries, address);
	if (found && (found->start > address || found->end <= address || found->offset > truth))
		abort();
	perf_entries_done(&entries);
	return 0;
}
