/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Ticks of a time axis: at whole units of the day, in UTC. */
#ifndef LOOPSCOPE_TIMELINE_AXIS_H
#define LOOPSCOPE_TIMELINE_AXIS_H

#include <linux/types.h>

#define TIMELINE_AXIS_LEN 32

/* Between two ticks of an axis of that length: 1 ms to weeks, no more than seven of them. */
__u64 timeline_axis_step_ns(__u64 length_ns);

/* "12:30", with seconds or milliseconds where steps are shorter, or the day where longer. */
const char *timeline_axis_text(__u64 unix_ns, __u64 step_ns, char text[TIMELINE_AXIS_LEN]);

#endif
