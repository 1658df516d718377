/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The system calls in which threads wait for events. Where each is watched by
 * programs of its own, they are named for the first column.
 */
#ifndef LOOPSCOPE_WAIT_CALLS_H
#define LOOPSCOPE_WAIT_CALLS_H

#define WAIT_CALLS(X)            \
	X(wait, epoll_wait)      \
	X(pwait, epoll_pwait)    \
	X(pwait2, epoll_pwait2)  \
	X(poll, poll)            \
	X(ppoll, ppoll)          \
	X(select, select)        \
	X(pselect6, pselect6)    \
	X(uring, io_uring_enter) \
	X(aio, io_getevents)     \
	X(paio, io_pgetevents)

enum wait_call_index {
#define WAIT_CALL_INDEX(program, name) WAIT_CALL_##name,
	WAIT_CALLS(WAIT_CALL_INDEX)
#undef WAIT_CALL_INDEX
		NR_WAIT_CALLS,
};

#endif
