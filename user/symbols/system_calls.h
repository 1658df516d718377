/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The system calls that loopscope-symbols is left with. */
#ifndef LOOPSCOPE_SYSTEM_CALLS_H
#define LOOPSCOPE_SYSTEM_CALLS_H

/*
 * From now on it can read files and others' memory, answer, and have private memory without new
 * code; it can open nothing to be written, and begin, signal or change nothing. Needs
 * PR_SET_NO_NEW_PRIVS. 0 too where the kernel has no filters, or lets it have none; -errno.
 */
int system_calls_limit(void);

#endif
