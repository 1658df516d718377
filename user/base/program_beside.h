/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The other binaries, which lie beside this one. */
#ifndef LOOPSCOPE_PROGRAM_BESIDE_H
#define LOOPSCOPE_PROGRAM_BESIDE_H

#include <limits.h>
#include <sys/types.h>

/* The path of the program `name` in the directory of our own. -errno: that cannot be read. */
int program_beside(const char *name, char ret_path[PATH_MAX]);

/*
 * Runs `path` in a process group of its own: what is typed at a terminal is not meant for it. No
 * signal is blocked there. `fds` are its input, output and errors; -1: nothing comes, or is read.
 */
int program_spawn(const char *path, char *const argv[], char *const environment[], const int fds[3],
		  pid_t *ret_pid);

#endif
