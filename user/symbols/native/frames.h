/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Frames on their way to become a stack: what unwinding, names, interpreters and perf maps hand
 * on to each other. All of it is bounded; nothing in it is allocated for one stack.
 */
#ifndef LOOPSCOPE_FRAMES_H
#define LOOPSCOPE_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/stack.h"

#define FRAMES_TEXT_BYTES (256 * 1024)

struct frame {
	uint64_t address; /* of its next instruction; 0: an interpreted frame */
	uint64_t cfa;     /* the stack pointer of its caller, as it returns; 0: not known */
	uint64_t fp;      /* the frame pointer's register in this frame; 0: not known */
	uint64_t module_offset;
	const char *function; /* these are never NULL: "", or from frames_text */
	const char *file;
	const char *module;
	uint32_t line;
	uint8_t language; /* enum frame_language */
	uint8_t flags;    /* FRAME_ of model/stack.h */
	/* It was called from here: `address` is that of a return, and the call is before it. */
	bool is_return;
};

struct frames {
	uint8_t flags; /* STACK_IS_ of model/stack.h */
	size_t nr;
	struct frame frame[STACK_MAX_FRAMES]; /* innermost first */
	size_t text_size;
	char text[FRAMES_TEXT_BYTES];
};

void frames_reset(struct frames *frames);

/* A frame without names, outermost; NULL, and STACK_IS_CUT: there is no room. */
struct frame *frames_append(struct frames *frames, uint64_t address);

/*
 * Makes room for `nr` frames, all zero but for empty texts, before the one at `at`; what no longer
 * fits is cut from the outer end. How many there are now: fewer than `nr` if `at` is near the end.
 */
size_t frames_insert(struct frames *frames, size_t at, size_t nr);
void frames_remove(struct frames *frames, size_t at, size_t nr);

/*
 * A copy that lives as long as the frames, cut to fit STACK_MAX_TEXT and at its first NUL; "", and
 * STACK_IS_PARTIAL, if there is no room. Bytes are as they were: who shows them makes them safe.
 */
const char *frames_text(struct frames *frames, const char *text, size_t length);

#endif
