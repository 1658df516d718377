/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's table of processes asked for by pid, kept right at its two ends: at attach,
 * for what forked or ended before forks and exits were seen; and when the last process that
 * was named has ended, for children that live on.
 */
#ifndef LOOPSCOPE_SESSION_TARGETS_H
#define LOOPSCOPE_SESSION_TARGETS_H

#include "commands/target_processes.h"
#include "observe/observer.h"

/* Once, after observer_start with the pids `known`. -E2BIG: the table is full. Or -errno. */
int session_targets_settle(struct observer *observer, const struct watch_options *options,
			   const struct pid_list *known);

/* A pidfd of a target that is still alive; -ESRCH if there is none, or another -errno. */
int session_targets_open_any(struct observer *observer);

#endif
