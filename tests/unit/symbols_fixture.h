/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Records of stacks, and a program in the place of loopscope-symbols that does what they say. */
#ifndef LOOPSCOPE_SYMBOLS_FIXTURE_H
#define LOOPSCOPE_SYMBOLS_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"
#include "symbols/symbols.h"

/* What the program does over a stack: its record's syscall_nr. */
enum deed {
	DEED_ANSWER, /* a stack of one frame, "named" */
	DEED_CRASH,
	DEED_HANG,
	DEED_ANSWER_OTHER, /* the stack of another thread */
	DEED_ANSWER_RUBBISH,
	DEED_HANG_EARLY, /* when its thread is looked at: it is taken off CPU */
};

/* Over this process, when it is asked for, the program crashes. */
#define FIXTURE_CRASHES 99

/* A record whose stack is that of thread `tid`, at time `tid`. */
struct made_record {
	struct stack_record record;
	unsigned char memory[16];
	struct python_frame python[2];
};

struct made_record made_stack(uint32_t pid, uint32_t tid, enum deed deed);
struct stall_record made_stall(uint32_t pid, uint32_t tid);

/* For main(): become that program if we were run as it; else returns. */
void symbols_fixture_program(int argc, char **argv);

/* symbols_start with it. */
struct symbols *symbols_fixture_start(unsigned int timeout_ms, unsigned int max_waiting);

#endif
