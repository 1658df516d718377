/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process over which the program has ended twice is not read for a minute, and after each further
 * time for twice as long, within bounds: others' stacks must not wait for it. Once could be chance,
 * and so could be more of it on a machine that hardly gets to run anything: what was long ago does
 * not count. A few are remembered, the latest.
 */
#include "symbols/symbols_parts.h"

#define TIMES 2
#define MAX_DOUBLINGS 5
#define FIRST_NS 60000000000ULL
#define FORGOTTEN_NS (FIRST_NS << (MAX_DOUBLINGS + 1)) /* after the last time */

static uint32_t pid_of(const struct entry *entry)
{
	const struct stack_record *record = (const struct stack_record *)entry->data;

	return record ? record->id.pid : (uint32_t)entry->process.pid;
}

static uint64_t start_ns_of(const struct entry *entry)
{
	const struct stack_record *record = (const struct stack_record *)entry->data;

	return record ? record->process_start_ns : entry->process.start_ns;
}

/* NULL: not there. */
static struct blamed *find(struct symbols *symbols, const struct entry *entry)
{
	for (size_t i = 0; i < SYMBOLS_NR_BLAMED; i++) {
		struct blamed *blamed = &symbols->blamed[i];

		if (blamed->times && blamed->pid == pid_of(entry) &&
		    blamed->start_ns == start_ns_of(entry))
			return blamed;
	}
	return NULL;
}

void symbols_blame(struct symbols *symbols, const struct entry *entry, uint64_t now_ns)
{
	struct blamed *blamed = find(symbols, entry);

	if (!blamed) {
		blamed = &symbols->blamed[symbols->next_blamed++ % SYMBOLS_NR_BLAMED];
		*blamed = (struct blamed){.pid = pid_of(entry), .start_ns = start_ns_of(entry)};
	}
	if (now_ns - blamed->last_ns >= FORGOTTEN_NS)
		blamed->times = 0;
	blamed->times++;
	blamed->last_ns = now_ns;
}

bool symbols_is_blamed(struct symbols *symbols, const struct entry *entry, uint64_t now_ns)
{
	const struct blamed *blamed = find(symbols, entry);
	unsigned int doublings;

	if (!blamed || blamed->times < TIMES)
		return false;
	doublings = blamed->times - TIMES;
	if (doublings > MAX_DOUBLINGS)
		doublings = MAX_DOUBLINGS;
	return now_ns - blamed->last_ns < FIRST_NS << doublings;
}

void symbols_forgive(struct symbols *symbols, const struct entry *entry)
{
	struct blamed *blamed = find(symbols, entry);

	if (blamed)
		blamed->times = 0;
}
