/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Globs over a comm: `*`, `?`, `[a-z]`, `[!a-z]`, and a backslash before a
 * character that is meant as itself. Matched byte by byte, in the kernel.
 */
#ifndef LOOPSCOPE_GLOB_H
#define LOOPSCOPE_GLOB_H

#include "comm_glob.h"

/*
 * -EINVAL: empty, a bracket not closed or with a range from high to low, a
 * character class such as [:digit:], or a last backslash; -E2BIG: more than
 * COMM_GLOB_MAX_POSITIONS characters, sets and stars.
 */
int glob_compile(const char *pattern, struct comm_glob *ret_glob);

/*
 * What is wrong with a glob of anything longer, as fnmatch(3) takes it, in words that follow it;
 * NULL: nothing.
 */
const char *glob_fault(const char *text);

/* How many characters a name has at least that the glob matches. */
int glob_shortest_match(const struct comm_glob *glob);

#endif
