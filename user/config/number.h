/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers as people type them, read strictly: the whole text must be one plain
 * decimal number. No sign, space, exponent, hexadecimal, infinity.
 */
#ifndef LOOPSCOPE_NUMBER_H
#define LOOPSCOPE_NUMBER_H

#include <sys/types.h>

/* -EINVAL: not a number; -ERANGE: not a pid any process can have. */
int number_parse_pid(const char *text, pid_t *ret_pid);

/* -EINVAL: not a number; -ERANGE: below min or above max. */
int number_parse_decimal(const char *text, double min, double max, double *ret_value);

#endif
