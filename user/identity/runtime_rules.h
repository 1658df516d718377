/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tables by which a process's runtime and the library of its loops are told, in order of
 * precedence: what is looked for, and what it means. Pure.
 */
#ifndef LOOPSCOPE_RUNTIME_RULES_H
#define LOOPSCOPE_RUNTIME_RULES_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "identity/version_text.h"

enum runtime_evidence {
	EVIDENCE_EXECUTABLE, /* name of the executable's file */
	EVIDENCE_SECTION,    /* name of an ELF section of it */
	EVIDENCE_CONTENT,    /* name of a content rule whose version its constant data has */
	EVIDENCE_WORD,       /* name of one whose words alone it has */
	EVIDENCE_LIBRARY,    /* name of another file mapped as code; of loops, its whole path */
	EVIDENCE_JAR,        /* name of a file that a JVM has open */
	EVIDENCE_THREAD,     /* name of a thread: says something of a known runtime only */
};

#define RUNTIME_UNKNOWN ((size_t)-1)
#define LOOP_LIBRARY_MAX_RULES 32

/* The rank, lower first, of the best rule that the name meets; at most `best`. */
size_t runtime_match(enum runtime_evidence evidence, const char *name, size_t best);

/* "node", "redis", ...: static. NULL for RUNTIME_UNKNOWN. */
const char *runtime_name(size_t rank);

/* What kind of evidence the rule goes by. */
enum runtime_evidence runtime_evidence_of(size_t rank);

/* Whether nothing more is to be learnt from the libraries of such a process. */
bool runtime_is_alone(size_t rank);

/* The pattern of the rule, of fnmatch. */
const char *runtime_pattern(size_t rank);

/* The rules on what loops are made of that the name meets, a bit for each. */
__u32 loop_library_seen(enum runtime_evidence evidence, const char *name);

/* The best of those, for processes of that runtime; RUNTIME_UNKNOWN: none is. */
size_t loop_library_choose(__u32 seen, const char *runtime);
const char *loop_library_name(size_t rank); /* NULL: it cannot be told, and RUNTIME_UNKNOWN */

/* What the loops of that runtime are made of in any case; NULL: nothing of a name. */
const char *loop_library_of_runtime(const char *runtime);

/* The version, or its first numbers, in the path of a runtime's or a library's own file; or "". */
void runtime_version_of_path(const char *name, const char *path, char ret_version[VERSION_LEN]);

/* A text in constant data. */
struct content_rule {
	const char *name; /* of a runtime, or of a library of loops */
	bool tells;       /* it is found nowhere else: worth a search in programs of any name */
	struct version_pattern pattern;
};

/* The index of the first rule at or behind `from` for that name, or of any that tells if the name
 * is NULL; RUNTIME_UNKNOWN: none. */
size_t content_rule_next(const char *name, size_t from);
const struct content_rule *content_rule(size_t index);

#endif
