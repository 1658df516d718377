/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text that others have chosen, for a file that somebody opens: what it cannot be read by is made
 * visible, so that a name cannot end a line, hide or reorder what stands beside it.
 */
#ifndef LOOPSCOPE_PLAIN_TEXT_H
#define LOOPSCOPE_PLAIN_TEXT_H

#include "base/buffer.h"

/*
 * Appends the text as UTF-8. Control characters, those that steer the direction of writing, and
 * characters of `also` (ASCII; NULL: none) become \xNN or \uNNNN; bytes that are no character
 * become U+FFFD. Returns buffer->error.
 */
int plain_text_append(struct buffer *buffer, const char *text, const char *also);

/* The same as a text of its own, for free(). NULL: no memory. */
char *plain_text(const char *text);

/* The same, for text and attributes of XML. */
int plain_text_append_xml(struct buffer *buffer, const char *text);

#endif
