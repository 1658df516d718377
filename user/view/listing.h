/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loops without figures: a table of who they are, one line each. */
#ifndef LOOPSCOPE_LISTING_H
#define LOOPSCOPE_LISTING_H

#include <stdbool.h>
#include <stdio.h>

#include "view/snapshot.h"

void listing_write_header(FILE *out);

/* age_ns: of the loop's thread. */
void listing_write_loop(FILE *out, const struct loop_entry *entry, double age_ns, bool unicode);

#endif
