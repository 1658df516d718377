/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Offsets between clocks, taken at the first use. */
#include "agent/clocks.h"

#include <time.h>

#define NS_PER_S 1000000000ULL

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

__u64 clock_unix_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

__u64 clock_unix_from_monotonic(__u64 monotonic_ns)
{
	static __u64 offset;

	if (!offset)
		offset = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_MONOTONIC);
	return monotonic_ns + offset;
}

__u64 clock_unix_from_boottime(__u64 boottime_ns)
{
	static __u64 offset;

	if (!offset)
		offset = read_clock(CLOCK_REALTIME) - read_clock(CLOCK_BOOTTIME);
	return boottime_ns + offset;
}
