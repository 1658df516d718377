/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A stack with names. Also as bytes: so it comes from the program that finds the names, and so it
 * stands in a recording.
 */
#ifndef LOOPSCOPE_STACK_H
#define LOOPSCOPE_STACK_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "stall.h"

#define STACK_MAX_FRAMES 256
#define STACK_MAX_TEXT 512    /* of a name or path, its end included; longer ones are cut */
#define STACK_MAX_BYTES 61440 /* encoded: texts that find no room are left out */

enum frame_language {
	FRAME_NATIVE = 0, /* C, or anything whose name does not tell */
	FRAME_CPP,
	FRAME_RUST,
	FRAME_GO,
	FRAME_PYTHON,
	FRAME_JAVASCRIPT,
	FRAME_JAVA,
	NR_FRAME_LANGUAGES,
};

/* stack_frame.flags */
#define FRAME_INLINED 1
/* of the C library, an interpreter, a standard library or an event loop's own */
#define FRAME_RUNTIME 2

struct stack_frame {
	uint64_t address;       /* of its instruction in the process; 0: an interpreted frame */
	uint64_t module_offset; /* the same within the module's file; 0 without one */
	const char *function;   /* "" where not known, as the other texts; hostile, as they are */
	const char *file;
	const char *module; /* path as the process has it, or "[vdso]" and the like */
	uint32_t line;      /* 0: not known */
	uint8_t language;   /* enum frame_language */
	uint8_t flags;
};

/* stack.flags */
#define STACK_IS_CUT 1 /* outer frames are missing: memory not resident, or the stack too deep */
#define STACK_IS_MISSING 2 /* nothing could be had of it: the thread moved on, or ended */
#define STACK_IS_PARTIAL 4 /* interpreted frames are missing, or names that are there as a rule */

/* A thread of the same process, which had the lock that the stack's thread waited for. */
struct stack_holder {
	uint32_t tid;                 /* as in loop_id; 0: none is known */
	char thread[RECORD_COMM_LEN]; /* hostile; terminated */
};

struct stack {
	struct loop_id id;
	uint64_t process_start_ns;
	uint64_t start_ns; /* of the stall; 0: of a thread not seen to wait */
	uint64_t time_ns;  /* CLOCK_MONOTONIC */
	int32_t syscall_nr;
	uint8_t cause;
	uint8_t flags;
	struct stack_holder holder;
	size_t memory_bytes; /* that it takes up; 0: it was not decoded */
	size_t nr_frames;
	struct stack_frame *frames; /* innermost first; texts lie behind them in one allocation */
};

/* All that the kernel's record says of the stack but its frames. */
void stack_of_record(const struct stack_record *record, struct stack *ret_stack);

/* Appends the stack's bytes: ITEM_STACK. At most STACK_MAX_FRAMES frames, innermost first. */
void stack_encode(struct buffer *buffer, const struct stack *stack);

/* -EBADMSG: the bytes are no stack; -ENOMEM. stack_free frees; it takes NULL. */
int stack_decode(const void *data, size_t size, struct stack **ret_stack);
void stack_free(struct stack *stack);
DEFINE_CLEANUP(struct stack *, stack_free)

/*
 * The frame to blame: the innermost of the application that has a name, or else one without; if
 * there is none, the innermost that has a name; NULL without frames.
 */
const struct stack_frame *stack_culprit(const struct stack *stack);

/* "c", "c++", "rust", "python", ... as `language` in JSON; "" for one that is not known. */
const char *frame_language_name(enum frame_language language);

#endif
