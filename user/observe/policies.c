/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What user space tells the kernel side of single loops; the walk takes it up. */
#include "observe/observer_parts.h"

int observer_set_policy(struct observer *observer, const struct loop_id *id,
			const struct loop_policy *policy)
{
	return bpf_map__update_elem(observer->skeleton->maps.policies, id, sizeof(*id), policy,
				    sizeof(*policy), BPF_ANY);
}

void observer_forget_policy(struct observer *observer, const struct loop_id *id)
{
	bpf_map__delete_elem(observer->skeleton->maps.policies, id, sizeof(*id), 0);
}

/* Those asleep would else be looked at only when they next wait. */
int observer_reconsider(struct observer *observer)
{
	__atomic_add_fetch(&observer->skeleton->bss->policy_epoch, 1, __ATOMIC_RELEASE);
	return observer_scan(observer);
}
