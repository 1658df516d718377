/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Instants of the kernel's records as time since the epoch. The difference of the
 * clocks is taken once, so that the start of a series never changes.
 */
#ifndef LOOPSCOPE_CLOCKS_H
#define LOOPSCOPE_CLOCKS_H

#include "base/clock.h"

__u64 clock_unix_from_monotonic(__u64 monotonic_ns);
__u64 clock_unix_from_boottime(__u64 boottime_ns);

#endif
