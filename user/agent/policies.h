/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the kernel side is told of single loops, until it has taken it up. */
#ifndef LOOPSCOPE_POLICIES_H
#define LOOPSCOPE_POLICIES_H

#include <stdbool.h>

#include "record.h"
#include "scope_config.h"

struct observer;
struct policies;

/* `observer` must outlive it. -ENOMEM. */
int policies_new(struct observer *observer, struct policies **ret_policies);
void policies_free(struct policies *policies);

/* Taken up by the next walk but for want of memory: then the loop stays as it is. */
void policies_put(struct policies *policies, const struct loop_id *id,
		  const struct loop_policy *policy);

/* Whether the loop has been excluded, though records of it may still be on their way. */
bool policies_excludes(const struct policies *policies, const struct loop_id *id);

/* Whether there are thresholds that no walk has taken up yet. */
bool policies_waiting(const struct policies *policies);

/* A walk has been made. */
void policies_walked(struct policies *policies);

/* Takes all back, or all exclusions, to be told anew. */
void policies_forget(struct policies *policies);
void policies_forget_exclusions(struct policies *policies);

#endif
