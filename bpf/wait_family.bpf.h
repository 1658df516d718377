/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which system calls are wait calls, of which family, and what their arguments
 * say: on what they wait, whether they may, and from how deep in the stack.
 */
#ifndef LOOPSCOPE_WAIT_FAMILY_BPF_H
#define LOOPSCOPE_WAIT_FAMILY_BPF_H

#include "kernel_fields.bpf.h"
#include "wait_source.h"

#define URING_ENTER_GETEVENTS 1
#define URING_ENTER_REGISTERED_RING 16

/* libuv has its array of events on the stack of the function that waits. */
#define LIBUV_FRAME_BYTES 16384

static __always_inline enum wait_family wait_family_of(long nr)
{
	switch (nr) {
	case NR_epoll_wait:
	case NR_epoll_pwait:
	case NR_epoll_pwait2:
		return WAIT_EPOLL;
	case NR_poll:
	case NR_ppoll:
		return WAIT_POLL;
	case NR_select:
	case NR_pselect6:
		return WAIT_SELECT;
	case NR_io_uring_enter:
		return WAIT_IO_URING;
	case NR_io_getevents:
	case NR_io_pgetevents:
		return WAIT_AIO;
	default:
		return WAIT_NONE;
	}
}

/* The same for the numbers of a 32-bit task; epoll_pwait2 has one number everywhere. */
static __always_inline bool wait_is_compat(long nr)
{
	return nr == NR_compat_epoll_wait || nr == NR_compat_epoll_pwait || nr == NR_epoll_pwait2;
}

/* A struct timespec or timeval in user memory that is all zero; NULL waits for good. */
static __always_inline bool user_time_is_zero(__u64 address)
{
	__u64 time[2] = {1};

	if (!address || bpf_probe_read_user(time, sizeof(time), (void *)address))
		return false;
	return !time[0] && !time[1];
}

/* epoll_pwait2 has a time in user memory. */
static __always_inline void wait_call_of_epoll(struct wait_call *call, __s32 nr,
					       struct pt_regs *regs)
{
	bool plain = nr != NR_epoll_pwait2;

	call->source = REGS_ARG1(regs);
	call->events = REGS_ARG2(regs);
	call->max_events = REGS_ARG3(regs);
	call->zero_timeout =
		plain ? (__s32)REGS_ARG4(regs) == 0 : user_time_is_zero(REGS_ARG4(regs));
	call->libuv_like = plain && REGS_ARG2(regs) - regs->sp < LIBUV_FRAME_BYTES;
}

static __always_inline void wait_call_of_poll(struct wait_call *call, __s32 nr,
					      struct pt_regs *regs)
{
	call->source = WAIT_NO_SOURCE;
	call->events = REGS_ARG1(regs);
	call->max_events = REGS_ARG2(regs);
	call->zero_timeout =
		nr == NR_ppoll ? user_time_is_zero(REGS_ARG3(regs)) : (__s32)REGS_ARG3(regs) == 0;
}

static __always_inline void wait_call_of_select(struct wait_call *call, struct pt_regs *regs)
{
	call->source = WAIT_NO_SOURCE;
	call->events = REGS_ARG2(regs);
	call->max_events = REGS_ARG1(regs);
	call->zero_timeout = user_time_is_zero(REGS_ARG5(regs));
}

static __always_inline void wait_call_of_ring(struct wait_call *call, struct pt_regs *regs)
{
	call->source = REGS_ARG1(regs);
	if (!((__u32)REGS_ARG4(regs) & URING_ENTER_GETEVENTS) || !(__u32)REGS_ARG3(regs))
		call->family = WAIT_NONE; /* it submits */
	/* an index, not a descriptor: told apart from those */
	if ((__u32)REGS_ARG4(regs) & URING_ENTER_REGISTERED_RING)
		call->source = WAIT_REGISTERED_RING - (call->source & 0xffff);
}

static __always_inline void wait_call_of_aio(struct wait_call *call, struct pt_regs *regs)
{
	call->source = REGS_ARG1(regs);
	call->zero_timeout = !REGS_ARG2(regs) || user_time_is_zero(REGS_ARG5(regs));
}

/* nr: of the family, which is not WAIT_NONE. */
static __always_inline void wait_call_from_regs(struct wait_call *call, enum wait_family family,
						__s32 nr, struct pt_regs *regs)
{
	call->sp = regs->sp;
	call->nr = nr;
	call->family = family;
	call->reserved = 0;
	if (family == WAIT_EPOLL) {
		wait_call_of_epoll(call, nr, regs);
		return;
	}
	call->events = 0;
	call->max_events = 0;
	call->zero_timeout = 0;
	call->libuv_like = 0;
	switch (family) {
	case WAIT_POLL:
		wait_call_of_poll(call, nr, regs);
		break;
	case WAIT_SELECT:
		wait_call_of_select(call, regs);
		break;
	case WAIT_IO_URING:
		wait_call_of_ring(call, regs);
		break;
	default:
		wait_call_of_aio(call, regs);
	}
}

#endif
