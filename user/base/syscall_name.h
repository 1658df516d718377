/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of system calls: of this architecture, made from <asm/unistd.h> at build time, or of the
 * machine that a recording was made on.
 */
#ifndef LOOPSCOPE_SYSCALL_NAME_H
#define LOOPSCOPE_SYSCALL_NAME_H

#include <stdbool.h>

#define SYSCALL_NAME_LEN 32
#define SYSCALL_NAMES_MAX 1024

/* Those of another machine; "" where it knows none. */
struct syscall_names {
	char names[SYSCALL_NAMES_MAX][SYSCALL_NAME_LEN];
};

/* "fsync"; "sys_<n>" if unknown (written to buffer), "other" for RECORD_SYSCALL_OTHER. */
const char *syscall_name(int nr, char buffer[SYSCALL_NAME_LEN]);

/* The same by that table; NULL: by this architecture's. */
const char *syscall_name_by(const struct syscall_names *names, int nr,
			    char buffer[SYSCALL_NAME_LEN]);

/* This architecture's name; NULL: it has no such call. */
const char *syscall_name_known(int nr);

/* False: no name of a system call is like that. */
bool syscall_names_set(struct syscall_names *names, int nr, const char *name);

#endif
