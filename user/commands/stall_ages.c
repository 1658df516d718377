/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table of the stalls that go on: as many as those who tell of them keep. */
#include "commands/stall_ages.h"

#include <errno.h>
#include <stdlib.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#define FIRST_NS 1000000000ULL
#define MOST_NS 60000000000ULL /* between two */

struct age {
	struct loop_id id;
	__u64 next_ns;
	__u64 shown;
	UT_hash_handle hh;
};

struct stall_ages {
	struct age *ages;
};

int stall_ages_new(struct stall_ages **ret_ages)
{
	struct stall_ages *ages = calloc(1, sizeof(*ages));

	if (!ages)
		return -ENOMEM;
	*ret_ages = ages;
	return 0;
}

static void forget(struct stall_ages *ages, struct age *age)
{
	if (!age)
		return;
	HASH_DEL(ages->ages, age);
	free(age);
}

void stall_ages_free(struct stall_ages *ages)
{
	if (!ages)
		return;
	while (ages->ages)
		forget(ages, ages->ages);
	free(ages);
}

static struct age *add(struct stall_ages *ages, const struct loop_id *id)
{
	struct age *age = calloc(1, sizeof(*age));

	if (!age)
		return NULL;
	age->id = *id;
	HASH_ADD(hh, ages->ages, id, sizeof(age->id), age);
	if (age->hh.tbl)
		return age;
	free(age);
	return NULL;
}

static struct age *find(const struct stall_ages *ages, const struct stall *stall)
{
	struct age *age;

	HASH_FIND(hh, ages->ages, &stall->id, sizeof(stall->id), age);
	return age;
}

static __u64 next_after(__u64 age_ns)
{
	__u64 next_ns = age_ns < MOST_NS ? 2 * age_ns : age_ns + MOST_NS;

	return next_ns < FIRST_NS ? FIRST_NS : next_ns;
}

bool stall_ages_is_due(struct stall_ages *ages, enum stall_event event, const struct stall *stall)
{
	__u64 age_ns = stall->until_ns - stall->start_ns;
	struct age *age = find(ages, stall);

	if (event == STALL_EVENT_LASTS && age && age_ns < age->next_ns)
		return false;
	age = age ?: add(ages, &stall->id);
	if (age)
		age->next_ns = next_after(age_ns);
	return true;
}

__u64 *stall_ages_shown(struct stall_ages *ages, const struct stall *stall)
{
	struct age *age = find(ages, stall);

	return age ? &age->shown : NULL;
}

void stall_ages_forget(struct stall_ages *ages, const struct stall *stall)
{
	forget(ages, find(ages, stall));
}
