/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Figures as people read them: three digits and a unit. */
#ifndef LOOPSCOPE_FORMAT_H
#define LOOPSCOPE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

#define FORMAT_LEN 32

/*
 * Each writes to the buffer and returns it. `unicode` allows more than ASCII.
 * NaN is "-".
 */
const char *format_duration(char buffer[FORMAT_LEN], double ns, bool unicode);
const char *format_count(char buffer[FORMAT_LEN], double count);
const char *format_percent(char buffer[FORMAT_LEN], double fraction);

/* "1 stall", "2 stalls": what is counted is named in the singular, by ten letters at most. */
const char *format_counted(char buffer[FORMAT_LEN], uint64_t count, const char *one);

#endif
