/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which processes the targets mean at this moment, read from /proc. The kernel
 * side follows forks by itself, and cgroups and names as threads wait; this is
 * for what was there before it.
 */
#ifndef LOOPSCOPE_TARGET_PROCESSES_H
#define LOOPSCOPE_TARGET_PROCESSES_H

#include <stddef.h>
#include <stdlib.h>
#include <sys/types.h>

#include "config/watch_options.h"

struct pid_list {
	pid_t *pids;
	size_t nr, capacity;
};

static inline void pid_list_done(struct pid_list *list)
{
	free(list->pids);
}

/* The pids asked for and, unless --no-children, all that descend from them. Or -errno. */
int target_pids(const struct watch_options *options, struct pid_list *list);

/*
 * Every process in which a target may be: those, those in the cgroups, and with
 * --all or --comm all of the machine (names belong to threads). A process may be
 * in the list twice. Or -errno.
 */
int target_processes(const struct watch_options *options, struct pid_list *list);

#endif
