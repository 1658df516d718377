/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What runs a process's loops: told from the executable's file, its sections and constant data,
 * the libraries mapped as code, and, of a runtime known by then, open files and threads' names.
 * No program is ever run for it.
 */
#ifndef LOOPSCOPE_RUNTIME_H
#define LOOPSCOPE_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>

#include "identity/program_files.h"
#include "identity/runtime_rules.h"

/* How sure that is. */
enum runtime_certainty {
	RUNTIME_NOT_TOLD,
	RUNTIME_LIKELY, /* a file of that name runs, or words of it are in the program */
	RUNTIME_SURE,   /* it is in the program's own contents, or mapped */
};

struct runtime {
	const char *name; /* static: "node", "redis", "nginx", "python", ...; NULL: unknown */
	enum runtime_certainty certainty;
	char version[VERSION_LEN]; /* "": not known */
	const char *loop_library;  /* static: "uvloop", "libuv", ...; NULL: none, or not known */
	char loop_library_version[VERSION_LEN];
};

/* One thing seen that has a meaning, or "" where it has none. */
struct runtime_note {
	enum runtime_evidence evidence;
	const char *seen;    /* hostile */
	const char *means;   /* static */
	const char *version; /* or "" */
};

/* Told of each, if given; what it is told of is valid during the call only. */
struct runtime_listener {
	void (*seen)(const struct runtime_note *note, void *context);
	void (*read)(const struct program_facts *facts, void *context); /* of the executable */
	void *context;
};

/*
 * The process of a directory of /proc and the target of its exe link. Everything that can be seen
 * is looked at if there is a listener; else only what is needed. listener: NULL: none.
 */
void runtime_detect(struct program_files *files, int directory, const char *executable,
		    const struct runtime_listener *listener, struct runtime *ret_runtime);

/* Why threads that wait for events are no loops: static, in words for users. NULL: they may be
 * loops. See no_loop.c. */
const char *runtime_no_loop(const char *runtime);

#endif
