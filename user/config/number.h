/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers as people type them, read strictly: the whole text must be one plain
 * decimal number. No sign, space, exponent, hexadecimal, infinity.
 */
#ifndef LOOPSCOPE_NUMBER_H
#define LOOPSCOPE_NUMBER_H

/* -EINVAL: not a whole number; -ERANGE: below min or above max. */
int number_parse_whole(const char *text, long min, long max, long *ret_value);

/* The same for one that may have a fraction. */
int number_parse_decimal(const char *text, double min, double max, double *ret_value);

#endif
