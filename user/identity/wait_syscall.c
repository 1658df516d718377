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

bool wait_syscall_is_epoll(int nr)
{
	switch (nr) {
#ifdef SYS_epoll_wait
	case SYS_epoll_wait:
#endif
	case SYS_epoll_pwait:
	case SYS_epoll_pwait2:
		return true;
	default:
		return false;
	}
}

bool wait_syscall_is_for_several(const struct proc_syscall *syscall)
{
	switch (syscall->nr) {
#ifdef SYS_poll
	case SYS_poll:
#endif
	case SYS_ppoll:
		return syscall->args[1] > 1;
#ifdef SYS_select
	case SYS_select:
#endif
	case SYS_pselect6:
		return syscall->args[0] > STANDARD_DESCRIPTORS;
	case SYS_io_uring_enter:
		return syscall->args[3] & IORING_ENTER_GETEVENTS;
	case SYS_io_getevents:
	case SYS_io_pgetevents:
		return true;
	default:
		return false;
	}
}
