/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process over which the program has ended twice is not read again: others' stacks must not wait
 * for it. Once could be chance; a few are remembered, the latest.
 */
#include "symbols/symbols_parts.h"

#define TIMES 2

/* SYMBOLS_NR_BLAMED: not there. */
static unsigned int find(const struct symbols *symbols, uint32_t pid, uint64_t start_ns)
{
	unsigned int i;

	for (i = 0; i < SYMBOLS_NR_BLAMED; i++) {
		const struct blamed *blamed = &symbols->blamed[i];

		if (blamed->times && blamed->pid == pid && blamed->start_ns == start_ns)
			break;
	}
	return i;
}

void symbols_blame(struct symbols *symbols, const struct entry *entry)
{
	const struct stack_record *record = (const struct stack_record *)entry->data;
	uint32_t pid = record ? record->id.pid : (uint32_t)entry->process.pid;
	uint64_t start_ns = record ? record->process_start_ns : entry->process.start_ns;
	unsigned int at = find(symbols, pid, start_ns);

	if (at == SYMBOLS_NR_BLAMED) {
		at = symbols->next_blamed++ % SYMBOLS_NR_BLAMED;
		symbols->blamed[at] = (struct blamed){.pid = pid, .start_ns = start_ns};
	}
	symbols->blamed[at].times++;
}

bool symbols_is_blamed(const struct symbols *symbols, uint32_t pid, uint64_t start_ns)
{
	unsigned int at = find(symbols, pid, start_ns);

	return at < SYMBOLS_NR_BLAMED && symbols->blamed[at].times >= TIMES;
}
