/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the file of a program or a library tells of runtimes: its ELF sections, and words in its
 * constant data. Files are hostile: nothing is believed of them, and no more than a bound is read.
 */
#ifndef LOOPSCOPE_PROGRAM_FILE_H
#define LOOPSCOPE_PROGRAM_FILE_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "identity/runtime_rules.h"

#define PROGRAM_MAX_FOUND 4
#define PROGRAM_MAX_BYTES 16777216        /* of constant data, if it is known what is in it */
#define PROGRAM_MAX_BYTES_UNKNOWN 8388608 /* if it may be anything */

enum program_state {
	PROGRAM_UNREADABLE, /* not there, not to be opened, or no file of its own */
	PROGRAM_NOT_ELF,    /* or of 32 bits, or with more sections than any program has */
	PROGRAM_READ,
};

struct program_find {
	size_t rule; /* of content_rule() */
	char version[VERSION_LEN];
};

struct program_facts {
	enum program_state state;
	unsigned int nr_sections;
	size_t section_rank;             /* of runtime_match(), RUNTIME_UNKNOWN: no section tells */
	char build_version[VERSION_LEN]; /* of the toolchain, in a section of its own: Go's */
	__u64 bytes_read;
	bool cut; /* there is more constant data than is read */
	unsigned int nr_found;
	struct program_find found[PROGRAM_MAX_FOUND]; /* at most one of each name */
};

struct program_search {
	const char *name;    /* of content rules; NULL: those that tell */
	const char *version; /* its first numbers, where the file's name has them; or "" */
};

/* Reads the file; what cannot be read is left empty. */
void program_read(int fd, const struct program_search *wanted, struct program_facts *ret_facts);

/* The version that was found of that name, "" if without one; NULL: the name was not found. */
const char *program_version(const struct program_facts *facts, const char *name);

#endif
