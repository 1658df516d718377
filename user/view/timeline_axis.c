/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Steps that people count time in. */
#include "view/timeline_axis.h"

#include <stddef.h>
#include <stdio.h>
#include <time.h>

#define MS 1000000ULL
#define SECOND (1000 * MS)
#define MINUTE (60 * SECOND)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define MAX_TICKS 7

__u64 timeline_axis_step_ns(__u64 length_ns)
{
	static const __u64 steps[] = {
		MS,          2 * MS,      5 * MS,      10 * MS, 20 * MS,    50 * MS,
		100 * MS,    200 * MS,    500 * MS,    SECOND,  2 * SECOND, 5 * SECOND,
		10 * SECOND, 15 * SECOND, 30 * SECOND, MINUTE,  2 * MINUTE, 5 * MINUTE,
		10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,    2 * HOUR,   3 * HOUR,
		6 * HOUR,    12 * HOUR,   DAY,
	};
	__u64 days = 1;

	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
		if (length_ns / steps[i] <= MAX_TICKS)
			return steps[i];
	}
	while (length_ns / (days * DAY) > MAX_TICKS)
		days *= 2;
	return days * DAY;
}

const char *timeline_axis_text(__u64 unix_ns, __u64 step_ns, char text[TIMELINE_AXIS_LEN])
{
	const time_t seconds = (time_t)(unix_ns / SECOND);
	const char *format = step_ns >= DAY ? "%d %b" : step_ns >= MINUTE ? "%H:%M" : "%H:%M:%S";
	struct tm parts = {};
	size_t length;

	gmtime_r(&seconds, &parts);
	length = strftime(text, TIMELINE_AXIS_LEN, format, &parts);
	if (step_ns < SECOND)
		snprintf(text + length, TIMELINE_AXIS_LEN - length, ".%03llu",
			 unix_ns % SECOND / MS);
	return text;
}
