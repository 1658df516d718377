/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which system calls are wait calls, and of which family: the place for further ones. */
#ifndef LOOPSCOPE_WAIT_FAMILY_BPF_H
#define LOOPSCOPE_WAIT_FAMILY_BPF_H

#include "kernel_fields.bpf.h"
#include "record.h"

static __always_inline enum wait_family wait_family_of(long nr)
{
	switch (nr) {
	case NR_epoll_wait:
	case NR_epoll_pwait:
	case NR_epoll_pwait2:
		return WAIT_EPOLL;
	default:
		return WAIT_NONE;
	}
}

/* The same for the numbers of a 32-bit task; epoll_pwait2 has one number everywhere. */
static __always_inline bool wait_is_compat(long nr)
{
	return nr == NR_compat_epoll_wait || nr == NR_compat_epoll_pwait || nr == NR_epoll_pwait2;
}

#endif
