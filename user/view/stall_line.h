/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is told of a stall: that it has begun, goes on, or has ended. As text, or as JSON. */
#ifndef LOOPSCOPE_STALL_LINE_H
#define LOOPSCOPE_STALL_LINE_H

#include <stdbool.h>
#include <stdio.h>

#include "model/stalls.h"
#include "view/snapshot.h"
#include "view/stack_lines.h"

struct stall_line {
	enum stall_event event;
	const struct loop_entry *entry; /* with its stall; no report */
	__u64 unix_ns;                  /* when the stall was as it is */
	__u64 *shown; /* for the stack that text shows of it, 0 at first; NULL: it shows each */
};

/* The frame to blame, and the stack that it stands in: of one that goes on, what it does now. */
const struct stack_frame *stall_line_culprit(const struct stall_line *line,
					     const struct stack **ret_stack);

/* One object. 0 or -ENOMEM; whether `out` could be written, ferror tells. */
int stall_json_write(FILE *out, const struct stall_line *line);

/* Some lines. Names are made harmless. */
void stall_text_write(FILE *out, const struct stall_line *line,
		      const struct stack_lines_options *options);

/* "handler app.py:12", harmless, the file without its directories; returns text. */
#define STALL_CULPRIT_LEN 256
const char *stall_culprit_text(char text[STALL_CULPRIT_LEN], const struct stack_frame *frame);

#endif
