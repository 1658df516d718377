/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A process of loops, one a thread, the first on the main thread, and a
 * control thread that speaks with the test, a word a line:
 *
 *   out  ready   every loop is asleep in its first wait
 *   in   go      the scripts begin
 *   out  done    every loop is asleep in its last wait, or its thread is gone
 *   in   quit    each loop's log is printed, and the process ends
 *
 * End of input means quit. A process that was started in the middle (forked,
 * or by exec) begins without being told.
 */
#ifndef SCRIPTED_LOOP_PROCESS_H
#define SCRIPTED_LOOP_PROCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "script.h"

#define PROCESS_MAX_LOOPS 16
#define PROCESS_MAX_CHILDREN 8

/* What the command line says; the strings live as long as the process. */
struct process_options {
	struct script scripts[PROCESS_MAX_LOOPS];
	size_t nr_scripts;
	struct script later[PROCESS_MAX_CHILDREN]; /* for fork and exec */
	size_t nr_later;
	bool started;
	int command_fd, status_fd; /* where words come from and go to */
};

/* Runs the loops. The control thread ends the process. */
_Noreturn void process_run(const struct process_options *options);

/* Steps of a loop: a child process that runs a later script; an exec that goes on with it. */
void process_fork(unsigned int later, unsigned int kind); /* of enum fork_kind */
_Noreturn void process_exec(unsigned int later);

#endif
