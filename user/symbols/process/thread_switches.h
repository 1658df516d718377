/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whether a thread has run since somebody looked at it. */
#ifndef LOOPSCOPE_THREAD_SWITCHES_H
#define LOOPSCOPE_THREAD_SWITCHES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct thread_switches {
	uint64_t out;    /* how often it left a CPU, of its own will or not */
	uint64_t cpu_ns; /* that its process has used; 0: not asked for, since it is asleep */
	bool asleep;     /* or stopped: neither runs nor waits for a CPU */
};

/* `proc_fd` is /proc/PID of its process. -ESRCH: it is gone; -EBADMSG. */
int thread_switches_read(int proc_fd, pid_t pid, pid_t tid, struct thread_switches *ret_switches);

/*
 * It has not run since it had left a CPU `out` times. `before` and `after` are from either side of
 * what was done meanwhile.
 */
bool thread_has_stood(uint64_t out, const struct thread_switches *before,
		      const struct thread_switches *after);

#endif
