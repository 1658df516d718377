/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Percent-encoding (RFC 3986), and the pairs that OpenTelemetry's variables have it in:
 * k=v,k2=v2. All in place: what is decoded is never longer.
 */
#ifndef LOOPSCOPE_PERCENT_H
#define LOOPSCOPE_PERCENT_H

#include <stdbool.h>

/* The value of a hexadecimal digit, -1 if it is none. */
int hex_digit(char c);

/* The byte that text like "%41" begins with, -1 if it begins with none. */
int percent_byte(const char *text);

/* False: a % without two digits, or a NUL; what the text is then is not told. */
bool percent_decode(char *text);

/* The text without blanks at both ends. */
char *trim_blanks(char *text);

/* A pair's name and value, trimmed and decoded. -EINVAL: it has no =; -EILSEQ: its encoding. */
int percent_decode_pair(char *text, char **ret_name, char **ret_value);

#endif
