/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Started as root, the bounding set shrinks too. Started by systemd with
 * ambient capabilities alone there is no CAP_SETPCAP to do so with; that
 * process can gain nothing anyway, since it has no_new_privs.
 */
#include "agent/capabilities.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/cleanup.h"

static void cap_freep(cap_t *capabilities)
{
	if (*capabilities)
		cap_free(*capabilities);
}

static bool permitted(cap_t capabilities, cap_value_t capability)
{
	cap_flag_value_t value = CAP_CLEAR;

	/* fails for one that this kernel or libcap does not know: nobody has it */
	return !cap_get_flag(capabilities, capability, CAP_PERMITTED, &value) && value == CAP_SET;
}

static bool wanted(cap_t had, cap_value_t capability)
{
	switch (capability) {
	case CAP_BPF:
	case CAP_PERFMON:
	case CAP_SYS_PTRACE:
	case CAP_DAC_READ_SEARCH:
		return true;
	case CAP_SYS_ADMIN: /* container runtimes that know no CAP_BPF give this one */
		return !permitted(had, CAP_BPF) || !permitted(had, CAP_PERFMON);
	default:
		return false;
	}
}

static int drop_bounding(cap_t had)
{
	for (cap_value_t i = 0; i < cap_max_bits(); i++) {
		if (!wanted(had, i) && cap_get_bound(i) > 0 && cap_drop_bound(i) && errno != EPERM)
			return -errno;
	}
	return 0;
}

/* What is kept of `had`, permitted and effective; nothing is inheritable. */
static int set_kept(cap_t had)
{
	_cleanup_(cap_freep) cap_t kept = cap_init();

	if (!kept)
		return -ENOMEM;
	for (cap_value_t i = 0; i < cap_max_bits(); i++) {
		if (!wanted(had, i) || !permitted(had, i))
			continue;
		if (cap_set_flag(kept, CAP_PERMITTED, 1, &i, CAP_SET) ||
		    cap_set_flag(kept, CAP_EFFECTIVE, 1, &i, CAP_SET))
			return -errno;
	}
	return cap_set_proc(kept) ? -errno : 0;
}

int capabilities_drop(void)
{
	_cleanup_(cap_freep) cap_t had = cap_get_proc();
	int r;

	if (!had)
		return -errno;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || cap_reset_ambient())
		return -errno;
	r = drop_bounding(had);
	return r ? r : set_kept(had);
}
