/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reports as text for people, in 80 columns. Names are made harmless; `unicode`
 * allows blocks and the like, otherwise all is ASCII.
 */
#ifndef LOOPSCOPE_TEXT_H
#define LOOPSCOPE_TEXT_H

#include <stdbool.h>
#include <stdio.h>

#include "scope_config.h"
#include "view/snapshot.h"

struct text_options {
	bool unicode;
	__u64 blocking_ns; /* the stall threshold, to be named */
};

void text_write_loop(FILE *out, const struct loop_entry *entry, const struct text_options *options);

/* What is to be said of a number, unless it is 0: in the singular, the plural, and what follows. */
struct text_note {
	__u64 count;
	const char *one, *many, *meaning;
};

/* A line each, in which `of` comes before the number. */
void text_write_notes(FILE *out, const char *of, const struct text_note *notes, size_t nr);

/* Of stalls that were held back: how many are not, and where the others are. */
#define TEXT_STALLS_HELD                                                     \
	"held back: of a loop " TEXT_OF(                                     \
		SCOPE_STALLS_A_MINUTE) " a minute are told one by one, and " \
				       "all of 1 s or more; stat counts and times them all"
#define TEXT_OF(value) TEXT_OF_EXPANDED(value)
#define TEXT_OF_EXPANDED(value) #value

/* What was lost or missed; nothing if nothing was. */
void text_write_losses(FILE *out, const struct summary *summary);

/* The same of one of several: `of` begins each note. */
void text_write_losses_of(FILE *out, const char *of, const struct summary *summary);

#endif
