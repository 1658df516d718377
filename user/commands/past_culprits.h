/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What held each loop up last, for a while after it has: a stall is over sooner than it is read. */
#ifndef LOOPSCOPE_PAST_CULPRITS_H
#define LOOPSCOPE_PAST_CULPRITS_H

#include "view/snapshot.h"

#define PAST_CULPRITS_NS 10000000000ULL /* so long each is kept */

struct past_culprit;

/* All 0 at first. */
struct past_culprits {
	struct past_culprit *all; /* uthash: the oldest first */
};

void past_culprits_done(struct past_culprits *past);

/* A stall that has ended: its culprit, if there is one, in place of the loop's last. */
void past_culprits_take(struct past_culprits *past, const struct loop_entry *entry);

/* As of now, CLOCK_MONOTONIC: forgets what is too old. */
void past_culprits_advance(struct past_culprits *past, __u64 now_ns);

/* As stall_culprit_text; NULL: there is none. Valid until any of the above. */
const char *past_culprits_of(const struct past_culprits *past, const struct loop_id *id);

#endif
