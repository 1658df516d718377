/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Rows as lines of text: for pipes, logs and terminals that cannot do more. */
#ifndef LOOPSCOPE_LINES_H
#define LOOPSCOPE_LINES_H

#include <stdio.h>
#include <time.h>

#include "view/row.h"

/* wanted: with such columns as are not always there. */
void lines_write_header(FILE *out, unsigned int wanted);

/* A line for each row, each with the time. */
void lines_write_rows(FILE *out, const struct loop_row *rows, size_t nr, time_t now, bool unicode,
		      unsigned int wanted);

/* That there are more. */
void lines_write_omitted(FILE *out, size_t nr, time_t now);

#endif
