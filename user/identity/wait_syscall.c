/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The calls of wait_calls.h by number and arguments. Which of them there are differs
 * by architecture.
 */
#include "identity/wait_syscall.h"

#include <linux/io_uring.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "identity/proc.h"

#define STANDARD_DESCRIPTORS 3

enum wait_family wait_syscall_family(int nr)
{
	switch (nr) {
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
	case SYS_epoll_pwait:
	case SYS_epoll_pwait2:
		return WAIT_EPOLL;
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		return WAIT_POLL;
#ifdef SYS_select
	case SYS_select:
#endif
	case SYS_pselect6:
		return WAIT_SELECT;
	case SYS_io_uring_enter:
		return WAIT_IO_URING;
	case SYS_io_getevents:
	case SYS_io_pgetevents:
		return WAIT_AIO;
	default:
		return WAIT_NONE;
	}
}

bool wait_syscall_is_for_several(const struct proc_syscall *syscall)
{
	switch (wait_syscall_family(syscall->nr)) {
	case WAIT_POLL:
		return syscall->args[1] > 1;
	case WAIT_SELECT:
		return syscall->args[0] > STANDARD_DESCRIPTORS;
	case WAIT_IO_URING:
		return syscall->args[3] & IORING_ENTER_GETEVENTS;
	case WAIT_AIO:
		return true;
	default:
		return false;
	}
}
