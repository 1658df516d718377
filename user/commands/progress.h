/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One line on the terminal that is written over; where stderr is none, nothing. */
#ifndef LOOPSCOPE_PROGRESS_H
#define LOOPSCOPE_PROGRESS_H

#include <linux/types.h>

#define PROGRESS_SIZE_LEN 32

/* A size as people read it: "1.5 MB". Returns the text. */
const char *progress_size(char text[PROGRESS_SIZE_LEN], __u64 bytes);

void progress_show(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Clears the line, for what is said next. */
void progress_end(void);

#endif
