/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* How many stalls ceilings held back, said while they come, but not too often. */
#ifndef LOOPSCOPE_STALL_TALLY_H
#define LOOPSCOPE_STALL_TALLY_H

#include <linux/types.h>

struct stall_tally {
	__u64 said;
	__u64 next_ns;
};

/* Of as many as there are by now: those that are to be said, and have not been. */
__u64 stall_tally_take(struct stall_tally *tally, __u64 held, __u64 now_ns);

#endif
