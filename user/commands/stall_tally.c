/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What has been said is kept, and when. */
#include "commands/stall_tally.h"

#define SAID_EACH_NS 10000000000ULL

__u64 stall_tally_take(struct stall_tally *tally, __u64 held, __u64 now_ns)
{
	__u64 more = held > tally->said ? held - tally->said : 0;

	if (!more || now_ns < tally->next_ns)
		return 0;
	tally->next_ns = now_ns + SAID_EACH_NS;
	tally->said = held;
	return more;
}
