/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a loop did, kept in memory until the end: each group of wait calls that
 * is one wait, each step of its callbacks, with a sample on either side.
 */
#ifndef SCRIPTED_LOOP_LOG_H
#define SCRIPTED_LOOP_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

#include "sample.h"
#include "script.h"

struct wait_record {
	const char *kind;
	struct sample enter, exit;
	unsigned int calls;   /* more than one where they are one wait */
	unsigned int events;  /* sum of positive returns */
	bool continues;       /* goes on with the iteration before it */
	bool instant;         /* ended by a call with timeout 0, which does not wait */
	uint64_t gap_ns;      /* the longest between two of the calls */
	uint64_t fired_ns[2]; /* when another thread ended it: before and after; else 0 */
};

struct step_record {
	enum step_kind kind;
	struct sample begin, end;
};

struct log {
	struct wait_record *waits;
	struct step_record *steps;
	size_t nr_waits, max_waits;
	size_t nr_steps, max_steps;
	struct sample end;  /* where it ended otherwise than in a wait */
	const char *ending; /* "rest", "exit", "exec" */
};

/* Room for all that the script can log, touched so that logging takes no page fault. */
int log_new(const struct script *script, struct log *ret_log);

struct wait_record *log_wait(struct log *log, const char *kind);
struct step_record *log_step(struct log *log, enum step_kind kind);

/* One line of JSON. The last wait is the one it rests in: entered, not returned from. */
void log_print(const struct log *log, pid_t pid, pid_t tid, FILE *file);

#endif
