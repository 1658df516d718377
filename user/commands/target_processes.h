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
 * Processes that are targets whatever their names: those, those in the cgroups, and
 * with --all all of the machine. One may be in the list twice. Or -errno.
 */
int target_processes(const struct watch_options *options, struct pid_list *list);

/* Every process in which a target may be: with --comm all, since names belong to threads. */
int target_candidates(const struct watch_options *options, struct pid_list *list);

/* As the kernel side has it: the name of a thread, or of its process. */
bool target_name_matches(const struct comm_glob *globs, __u8 nr, const char *thread,
			 const char *process);

#endif
