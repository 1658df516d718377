/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What runs a process's loops: told from the executable's file, its sections
 * and the libraries mapped as code, by one table in order of precedence.
 */
#ifndef LOOPSCOPE_RUNTIME_H
#define LOOPSCOPE_RUNTIME_H

#include <stddef.h>

enum runtime_evidence {
	EVIDENCE_EXECUTABLE, /* name of the executable's file */
	EVIDENCE_SECTION,    /* name of an ELF section of it */
	EVIDENCE_LIBRARY,    /* name of another file mapped as code */
};

#define RUNTIME_UNKNOWN ((size_t)-1)

/* The rank, lower first, of the best rule that the name meets; at most `best`. */
size_t runtime_match(enum runtime_evidence evidence, const char *name, size_t best);

/* "node", "redis", ...: static. NULL for RUNTIME_UNKNOWN. */
const char *runtime_name(size_t rank);

/* The same for the process of a directory of /proc and the target of its exe link. */
const char *runtime_of_process(int directory, const char *executable);

#endif
