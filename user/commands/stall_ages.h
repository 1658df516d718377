/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When to tell again of a stall that goes on: at one second, and then each time that it has become
 * twice as old, or a minute older. Beside it, what has been shown of it.
 */
#ifndef LOOPSCOPE_STALL_AGES_H
#define LOOPSCOPE_STALL_AGES_H

#include <stdbool.h>

#include "model/stalls.h"

struct stall_ages;

/* -ENOMEM. stall_ages_free takes NULL. */
int stall_ages_new(struct stall_ages **ret_ages);
void stall_ages_free(struct stall_ages *ages);

/* Begun and ended always are. Without memory, so is everything. */
bool stall_ages_is_due(struct stall_ages *ages, enum stall_event event, const struct stall *stall);

/* Of one that was due, for stall_line.shown. NULL: there was no memory. */
__u64 *stall_ages_shown(struct stall_ages *ages, const struct stall *stall);

/* It has ended, and that has been told. */
void stall_ages_forget(struct stall_ages *ages, const struct stall *stall);

#endif
