/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A script: the steps of one loop, separated by blanks, each `name[:a[:b]]`.
 * Waits and what happens in their callbacks are both steps; whatever stands
 * between two waits is one busy interval.
 */
#ifndef SCRIPTED_LOOP_SCRIPT_H
#define SCRIPTED_LOOP_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

/* id, name, whether it is made of wait calls */
#define STEPS(X)                                                                                   \
	X(IDLE, "idle", true)               /* a: ms until a timerfd ends the wait */              \
	X(WAKE, "wake", true)               /* a: ms until another thread ends the wait */         \
	X(TIMEOUT, "timeout", true)         /* a: ms, then nothing */                              \
	X(READY, "ready", true)             /* a: events that wait already */                      \
	X(ZERO, "zero", true)               /* timeout 0, nothing there */                         \
	X(EINTR, "eintr", true)             /* a: ms; a signal in the middle, entered again */     \
	X(UVLOOK, "uvlook", true)           /* a: ms; libuv that measures idle time looks first */ \
	X(UVWAIT, "uvwait", true)           /* a: ms; libuv that does not */                       \
	X(UVLOOKBATCH, "uvlookbatch", true) /* a: events, b: us of work for each batch */          \
	X(UVWAITBATCH, "uvwaitbatch", true) /* after a full one both poll for more */              \
	X(SPIN, "spin", false)              /* a: us */                                            \
	X(NANOSLEEP, "nanosleep", false)    /* a: ms */                                            \
	X(FSYNC, "fsync", false)            /* a: KiB written before */                            \
	X(FUTEX, "futex", false)            /* a: ms until another thread wakes it */              \
	X(FAULT, "fault", false)            /* a: ms until userfaultfd supplies the page */        \
	X(TOUCH, "touch", false)            /* a: pages; minor faults */                           \
	X(READ, "read", false)              /* a: ms until the pipe has data */                    \
	X(POLL, "poll", false)              /* a: ms until the pipe has data */                    \
	X(PAUSE, "pause", false)            /* until SIGUSR1 */                                    \
	X(WITH, "with", false)              /* a: enum wait_variant                          */    \
	X(RENAME, "rename", false)          /* a: the thread is called renamed-a from now on */    \
	X(FORK, "fork", false)              /* a: which --later script the child runs, b: how */   \
	X(EXEC, "exec", false)              /* a: which --later script goes on */                  \
	X(EXIT, "exit", false)              /* the thread ends here */

enum step_kind {
#define STEP_KIND(id, name, is_wait) STEP_##id,
	STEPS(STEP_KIND) NR_STEP_KINDS,
#undef STEP_KIND
};

struct step {
	enum step_kind kind;
	unsigned int a, b;
};

struct script {
	const char *text;
	struct step *steps;
	size_t nr_steps;
};

/* -EINVAL, having named the step on stderr; -ENOMEM. The steps live as long as the process. */
int script_parse(const char *text, struct script *ret_script);

const char *step_name(enum step_kind kind);
bool step_is_wait(enum step_kind kind);

#endif
