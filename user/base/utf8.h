/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* UTF-8 of whatever a process chose to call itself. */
#ifndef LOOPSCOPE_UTF8_H
#define LOOPSCOPE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that utf8_repair needs at most, the terminator included. */
#define UTF8_REPAIRED_LEN(length) (3 * (length) + 1)

/*
 * Copies the text; each byte that does not belong to a well-formed character
 * becomes U+FFFD. The buffer must hold UTF8_REPAIRED_LEN of text's length.
 */
void utf8_repair(char *buffer, const char *text);

/* Whether all of the text is well-formed. */
bool utf8_valid(const char *text);

/* How long well-formed text is once cut to so many bytes, at a character. */
size_t utf8_cut(const char *text, size_t length, size_t max);

/* The text itself where it is ASCII, else a repaired copy, which *ret_copy owns. NULL: -ENOMEM. */
const char *utf8_text(const char *text, char **ret_copy);

#endif
