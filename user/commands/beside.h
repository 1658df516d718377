/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The other binary, which lies beside this one, as a child. */
#ifndef LOOPSCOPE_BESIDE_H
#define LOOPSCOPE_BESIDE_H

#include <sys/types.h>

#define BESIDE_AGENT "loopscope-agent"

/* All are -1 where there is none. */
struct beside_child {
	pid_t pid;
	int pidfd;
	int out_fd, error_fd; /* what it writes; reading does not wait */
};

/* Runs `path` as program_spawn does; it reads nothing. */
int beside_start(const char *path, char *const argv[], struct beside_child *ret_child);

/* Ends it, one that is stopped or hangs by force; and what there is of it, all -1 included. */
void beside_end(struct beside_child *child);

#endif
