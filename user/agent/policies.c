/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A policy is told once and stays with the loop's state in the kernel. So it is
 * kept here, and in the kernel's table, for a few walks only: a loop may be too
 * busy for one to reach it, and records sent before it may still be in the ring.
 */
#include "agent/policies.h"

#include <errno.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "observe/observer.h"

#define WALKS_KEPT 3

struct kept {
	struct loop_id id; /* the key */
	bool excluded;
	unsigned int walks; /* since it was told */
	UT_hash_handle hh;
};

struct policies {
	struct observer *observer;
	struct kept *kept;
	size_t nr_waiting; /* thresholds told since the last walk */
};

int policies_new(struct observer *observer, struct policies **ret_policies)
{
	struct policies *policies = calloc(1, sizeof(*policies));

	if (!policies)
		return -ENOMEM;
	policies->observer = observer;
	*ret_policies = policies;
	return 0;
}

static void forget(struct policies *policies, struct kept *kept)
{
	HASH_DEL(policies->kept, kept);
	observer_forget_policy(policies->observer, &kept->id);
	free(kept);
}

void policies_forget(struct policies *policies)
{
	struct kept *kept, *next;

	HASH_ITER(hh, policies->kept, kept, next)
	forget(policies, kept);
	policies->nr_waiting = 0;
}

void policies_forget_exclusions(struct policies *policies)
{
	struct kept *kept, *next;

	HASH_ITER(hh, policies->kept, kept, next)
	{
		if (kept->excluded)
			forget(policies, kept);
	}
}

void policies_free(struct policies *policies)
{
	if (!policies)
		return;
	policies_forget(policies);
	free(policies);
}

static struct kept *find(const struct policies *policies, const struct loop_id *id)
{
	struct kept *kept;

	HASH_FIND(hh, policies->kept, id, sizeof(*id), kept);
	return kept;
}

void policies_put(struct policies *policies, const struct loop_id *id,
		  const struct loop_policy *policy)
{
	struct kept *kept = find(policies, id);

	if (!kept) {
		kept = calloc(1, sizeof(*kept));
		if (!kept)
			return;
		kept->id = *id;
		HASH_ADD(hh, policies->kept, id, sizeof(kept->id), kept);
		if (!kept->hh.tbl) {
			free(kept);
			return;
		}
	}
	kept->excluded = policy->excluded;
	kept->walks = 0;
	if (observer_set_policy(policies->observer, id, policy))
		forget(policies, kept);
	else
		policies->nr_waiting +=
			!policy->excluded; /* that may wait: nothing is wrong till then */
}

bool policies_excludes(const struct policies *policies, const struct loop_id *id)
{
	const struct kept *kept = find(policies, id);

	return kept && kept->excluded;
}

bool policies_waiting(const struct policies *policies)
{
	return policies->nr_waiting > 0;
}

void policies_walked(struct policies *policies)
{
	struct kept *kept, *next;

	HASH_ITER(hh, policies->kept, kept, next)
	{
		if (++kept->walks > WALKS_KEPT)
			forget(policies, kept);
	}
	policies->nr_waiting = 0;
}
