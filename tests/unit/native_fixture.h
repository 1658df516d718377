/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Real programs, built and started by the test, and their stacks as the kernel side takes them:
 * registers and the top of the stack of a thread that was stopped for that.
 */
#ifndef LOOPSCOPE_TESTS_NATIVE_FIXTURE_H
#define LOOPSCOPE_TESTS_NATIVE_FIXTURE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "symbols/native/frames.h"
#include "symbols/process/process.h"
#include "symbols/native/stack_sample.h"

#define NATIVE_SOURCES "tests/unit/native/"

struct native_run {
	pid_t pid;
	int input, output;       /* what it reads and writes */
	struct process *process; /* NULL: not looked at yet */
	struct stack_record record;
	unsigned char memory[STACK_MAX_MEMORY];
	struct stack_sample sample;
	struct frames frames;
};

/* A directory of the test's own; made at the first call, removed by native_done. */
const char *native_directory(void);
int native_done(void **state);

/* printf to the shell, in that directory as $D; skips the test if it fails. */
void native_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Starts a program of the directory, and waits for the byte that it writes when it is busy. */
void native_start(const char *program, struct native_run *run);
/* The same, after `prepare` has been called in the new process; skips if that is not 0. */
void native_start_in(const char *program, int (*prepare)(void), struct native_run *run);
void native_await(struct native_run *run); /* another byte */
void native_stop(struct native_run *run);

void native_capture(struct native_run *run);   /* the copy alone */
void native_resolve(struct native_run *run);   /* of the copy */
void native_look(struct native_run *run);      /* both */
void native_look_busy(struct native_run *run); /* once it has left what wrote the byte */

/* The frame of the function, the innermost; fails the test if there is none. */
const struct frame *native_frame(const struct native_run *run, const char *function);
bool native_has(const struct native_run *run, const char *function);

/* Fails unless these are the functions from some frame on, each called by the next. */
void native_assert_calls(const struct native_run *run, const char *const *functions, size_t nr);

/*
 * From now on, or no longer, this process has but the capabilities that the program has which finds
 * names: so it may not open what is mapped as such.
 */
void native_keep_two_capabilities(bool keep);

/* The line of a source in which the text is. */
unsigned int native_line(const char *source, const char *text);

#endif
