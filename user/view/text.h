/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reports as text for people, in 80 columns. Names are made harmless; `unicode`
 * allows blocks and the like, otherwise all is ASCII.
 */
#ifndef LOOPSCOPE_TEXT_H
#define LOOPSCOPE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "view/snapshot.h"

struct text_options {
	bool unicode;
	__u64 blocking_ns; /* the stall threshold, to be named */
};

void text_write_loop(FILE *out, const struct loop_entry *entry, const struct text_options *options);

/* What was lost or missed; nothing if nothing was. */
void text_write_losses(FILE *out, const struct summary *summary);

/* The same of one of several: `of` begins each note. */
void text_write_losses_of(FILE *out, const char *of, const struct summary *summary);

#endif
