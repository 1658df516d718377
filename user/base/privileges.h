/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * CAP_SYS_PTRACE and CAP_DAC_READ_SEARCH, without which another user's process cannot be read: from
 * the program that has them to the one that needs them, and nothing else with them.
 */
#ifndef LOOPSCOPE_PRIVILEGES_H
#define LOOPSCOPE_PRIVILEGES_H

/*
 * Programs that the calling thread runs get those of the two that it has, until they are called
 * back: root's would without, other users' only so. What cannot be lent is not.
 */
void privileges_lend(void);
void privileges_call_back(void);

/* Gives up all other capabilities; an exec as root may bring some back. -errno: they are left. */
int privileges_use_two(void);

/*
 * Gives up all but the two, for good, and being root where that can be. -errno: more capabilities
 * are left. What PR_SET_PDEATHSIG and PR_SET_DUMPABLE were set to is forgotten with root.
 */
int privileges_keep_two(void);

#endif
