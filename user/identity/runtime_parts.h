/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The detection of a runtime as its own files see it. */
#ifndef LOOPSCOPE_RUNTIME_PARTS_H
#define LOOPSCOPE_RUNTIME_PARTS_H

#include <limits.h>
#include <linux/types.h>

#include "identity/runtime.h"

/* A mapped file by which a rule goes, to be looked into later. */
struct mapped_file {
	char path[PATH_MAX]; /* "": none */
	__u64 inode;
};

struct detection {
	struct program_files *files;
	const struct runtime_listener *listener; /* or NULL */
	int directory;                           /* of /proc */
	size_t best;                             /* of runtime_match() */
	size_t library_best;                     /* the same, by libraries alone */
	__u32 loops_seen;                        /* of loop_library_seen() */
	char version[VERSION_LEN];               /* of the runtime, or its first numbers */
	char netty_version[VERSION_LEN], vertx_version[VERSION_LEN];
	struct program_facts facts; /* of the executable */
	struct mapped_file library, loop_library;
};

void runtime_note_seen(const struct detection *detection, enum runtime_evidence evidence,
		       const char *seen, const char *means, const char *version);

/* Libraries mapped as code. */
void runtime_look_at_libraries(struct detection *detection);

/* What a JVM has open, and its threads' names. */
void runtime_look_at_jvm(struct detection *detection);

/*
 * The version that a mapped file has in its name or its contents, of those that go by `name`;
 * version: "" or its first numbers; unchanged if there is none.
 */
void runtime_version_of_mapped(struct detection *detection, const struct mapped_file *file,
			       const char *name, char version[VERSION_LEN]);

#endif
