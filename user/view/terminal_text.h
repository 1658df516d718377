/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text for terminals, in the locale's character set: names made harmless, and
 * widths in columns rather than bytes.
 */
#ifndef LOOPSCOPE_TERMINAL_TEXT_H
#define LOOPSCOPE_TERMINAL_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "record.h"

#define TERMINAL_COMM_LEN (4 * RECORD_COMM_LEN)

/* True if the locale can show more than ASCII (setlocale must have been called). */
bool terminal_unicode(void);

/* Whether bold and dim text may be written there: to a terminal, unless NO_COLOR asks otherwise. */
bool terminal_has_styles(FILE *out);

/*
 * A copy that cannot steer a terminal: characters that do not print, or take
 * no column of their own, and bytes that are none become \xNN. Returns buffer.
 */
const char *terminal_escape(char *buffer, size_t size, const char *text);

/* Columns that the text takes. */
int terminal_width(const char *text);

/* Cuts the text to at most that many columns; returns how many it then takes. */
int terminal_cut(char *text, int columns);

/*
 * A copy of at most that many columns: "a_long_func… file.py:12". Dots stand for what is left out
 * before the last word, and of that word, where there is no room for it, for its beginning.
 */
char *terminal_shorten(char *buffer, size_t size, const char *text, int columns, bool unicode);

/* Writes the text, and spaces up to that many columns: before it if negative. */
void terminal_put_padded(FILE *out, const char *text, int columns);

#endif
