/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of system calls of this architecture, made from <asm/unistd.h> at build time. */
#ifndef LOOPSCOPE_SYSCALL_NAME_H
#define LOOPSCOPE_SYSCALL_NAME_H

#define SYSCALL_NAME_LEN 32

/* "fsync"; "sys_<n>" if unknown (written to buffer), "other" for RECORD_SYSCALL_OTHER. */
const char *syscall_name(int nr, char buffer[SYSCALL_NAME_LEN]);

#endif
