/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Offsets between clocks, taken at the first use. */
#include "agent/clocks.h"

__u64 clock_unix_from_monotonic(__u64 monotonic_ns)
{
	static __u64 offset;

	if (!offset)
		offset = clock_unix_ns() - clock_monotonic_ns();
	return monotonic_ns + offset;
}

__u64 clock_unix_from_boottime(__u64 boottime_ns)
{
	static __u64 offset;

	if (!offset)
		offset = clock_unix_ns() - clock_boottime_ns();
	return boottime_ns + offset;
}
