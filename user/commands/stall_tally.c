/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two numbers that grow, and their difference. */
#include "commands/stall_tally.h"

#define SAID_EACH_NS 10000000000ULL

/* Once for each stall. One that began before there was a loop is not counted by it. */
void stall_tally_tell(struct stall_tally *tally, enum stall_event event, const struct stall *stall)
{
	if (!stall->unseen && event == STALL_EVENT_ENDED)
		tally->told++;
}

void stall_tally_add(struct stall_tally *tally, const struct loop_entry *entry)
{
	for (int i = 0; i < NR_CAUSES; i++)
		tally->counted += entry->report->stalls_ended[i];
}

void stall_tally_end_window(struct stall_tally *tally)
{
	tally->missed_before = tally->missed;
	tally->missed = tally->counted > tally->told ? tally->counted - tally->told : 0;
}

__u64 stall_tally_take(struct stall_tally *tally, __u64 now_ns)
{
	__u64 missed = tally->missed < tally->missed_before ? tally->missed : tally->missed_before;
	__u64 more = missed > tally->said ? missed - tally->said : 0;

	if (!more || now_ns < tally->next_ns)
		return 0;
	tally->next_ns = now_ns + SAID_EACH_NS;
	tally->said += more;
	return more;
}

__u64 stall_tally_take_all(struct stall_tally *tally)
{
	__u64 more = tally->missed > tally->said ? tally->missed - tally->said : 0;

	tally->said += more;
	return more;
}
