/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Whether a thread that /proc shows asleep in a system call waits there for events, as a
 * loop does.
 */
#ifndef LOOPSCOPE_WAIT_SYSCALL_H
#define LOOPSCOPE_WAIT_SYSCALL_H

#include <stdbool.h>

#include "record.h"

struct proc_syscall;

/* WAIT_EPOLL: on an eventpoll, whose descriptor is the first argument. */
enum wait_family wait_syscall_family(int nr);

/*
 * Not on an eventpoll, and for more than one descriptor: what waits for one alone may be a callback
 * that blocks. select tells the kernel no number: it is taken for several if it looks at
 * descriptors beyond the three of every process.
 */
bool wait_syscall_is_for_several(const struct proc_syscall *syscall);

#endif
