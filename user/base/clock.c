/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* clock_gettime and strftime, with what they leave to be done. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

#define NS_PER_S 1000000000ULL
#define NS_PER_MS 1000000

static __u64 read_clock(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

__u64 clock_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

__u64 clock_boottime_ns(void)
{
	return read_clock(CLOCK_BOOTTIME);
}

__u64 clock_unix_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

const char *clock_text(__u64 unix_ns, char text[CLOCK_TEXT_LEN])
{
	time_t seconds = (time_t)(unix_ns / NS_PER_S);
	unsigned int ms = (unsigned int)(unix_ns % NS_PER_S / NS_PER_MS);
	struct tm utc;
	size_t length;

	gmtime_r(&seconds, &utc);
	length = strftime(text, CLOCK_TEXT_LEN, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, CLOCK_TEXT_LEN - length, ".%03uZ", ms);
	return text;
}
