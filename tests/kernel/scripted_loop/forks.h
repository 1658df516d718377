/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The ways in which programs come to have children. */
#ifndef SCRIPTED_LOOP_FORKS_H
#define SCRIPTED_LOOP_FORKS_H

#include <sys/types.h>

enum fork_kind {
	FORK_PLAIN,
	FORK_DAEMON,       /* by a child that ends: it is init's then */
	FORK_SIBLING,      /* CLONE_PARENT: a child of this process's parent */
	FORK_OF_NAMESPACE, /* the first of a new pid namespace, which it sees itself in */
	FORK_OF_THREAD,    /* by another thread than a loop's, which then ends */
	FORK_SPAWN,        /* posix_spawn: vfork, then exec */
	NR_FORK_KINDS,
};

/* A child that calls body, which does not return. Its pid, 0 if it is not this process's child. */
pid_t fork_child(enum fork_kind kind, void (*body)(void *), void *argument);

/* A child that runs this program with these arguments, and has these descriptors. */
pid_t fork_spawn(char *const *arguments, int command_fd, int status_fd);

#endif
