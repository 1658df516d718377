/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How many stalls there were that nobody was told of: ceilings held them back. Loops count all; what
 * is on its way is not missed yet.
 */
#ifndef LOOPSCOPE_STALL_TALLY_H
#define LOOPSCOPE_STALL_TALLY_H

#include "model/stalls.h"
#include "view/snapshot.h"

struct stall_tally {
	__u64 counted; /* by loops, in all windows */
	__u64 told;
	__u64 missed; /* at the last two ends of a window */
	__u64 missed_before;
	__u64 said; /* of them */
	__u64 next_ns;
};

/* A line that is told. */
void stall_tally_tell(struct stall_tally *tally, enum stall_event event, const struct stall *stall);

/* Each loop of a window, then its end. */
void stall_tally_add(struct stall_tally *tally, const struct loop_entry *entry);
void stall_tally_end_window(struct stall_tally *tally);

/* How many there are to be said that have not been: not too often. At the end, all. */
__u64 stall_tally_take(struct stall_tally *tally, __u64 now_ns);
__u64 stall_tally_take_all(struct stall_tally *tally);

#endif
