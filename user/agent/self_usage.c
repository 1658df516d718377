/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPU time of all threads from getrusage, which tells the kernel's apart. */
#include "agent/self_usage.h"

#include <sys/resource.h>
#include <unistd.h>

#include "identity/proc.h"

static __u64 ns_of(const struct timeval *time)
{
	return (__u64)time->tv_sec * 1000000000 + (__u64)time->tv_usec * 1000;
}

void self_usage_read(struct agent_figures *figures)
{
	struct rusage usage;

	if (!getrusage(RUSAGE_SELF, &usage)) {
		figures->cpu_user_ns = ns_of(&usage.ru_utime);
		figures->cpu_system_ns = ns_of(&usage.ru_stime);
	}
	figures->rss_bytes = proc_resident_bytes(getpid()) ?: figures->rss_bytes;
}
