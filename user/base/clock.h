/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The machine's clocks in nanoseconds, and instants as text. */
#ifndef LOOPSCOPE_CLOCK_H
#define LOOPSCOPE_CLOCK_H

#include <linux/types.h>

__u64 clock_monotonic_ns(void);
__u64 clock_boottime_ns(void); /* goes on while the machine is suspended */
__u64 clock_unix_ns(void);

/* RFC 3339, in UTC, milliseconds: "2026-01-31T23:59:59.999Z". Returns the text. */
#define CLOCK_TEXT_LEN 32
const char *clock_text(__u64 unix_ns, char text[CLOCK_TEXT_LEN]);

#endif
