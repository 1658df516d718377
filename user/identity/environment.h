/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Chosen variables of a process's environment, as it was when the program started.
 * What was not asked for, which may be secret, is wiped as soon as it has been passed over.
 */
#ifndef LOOPSCOPE_ENVIRONMENT_H
#define LOOPSCOPE_ENVIRONMENT_H

#include <stddef.h>

#define ENVIRONMENT_MAX_BYTES 1048576  /* of an environment: what comes later is not read */
#define ENVIRONMENT_MAX_VARIABLE 16384 /* name and value: a longer one is passed over */

struct environment_variable {
	const char *name; /* wanted */
	char *value;      /* NULL: not set; owned */
};

/*
 * Fills in the values of those found, the first where a name is there twice, as getenv does.
 * `directory` is the process's in /proc. -ENOMEM, -ESRCH, -EACCES, ...: none is filled in.
 */
int environment_read(int directory, struct environment_variable *variables, size_t nr);
void environment_done(struct environment_variable *variables, size_t nr);

#endif
