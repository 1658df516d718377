/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPU time of all threads from getrusage, resident memory from /proc/self/statm. */
#include "agent/self_usage.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"

static __u64 ns_of(const struct timeval *time)
{
	return (__u64)time->tv_sec * 1000000000 + (__u64)time->tv_usec * 1000;
}

void self_usage_read(struct agent_figures *figures)
{
	_cleanup_(fclosep) FILE *statm = fopen("/proc/self/statm", "re");
	unsigned long long resident_pages;
	struct rusage usage;

	if (!getrusage(RUSAGE_SELF, &usage)) {
		figures->cpu_user_ns = ns_of(&usage.ru_utime);
		figures->cpu_system_ns = ns_of(&usage.ru_stime);
	}
	if (statm && fscanf(statm, "%*u %llu", &resident_pages) == 1)
		figures->rss_bytes = resident_pages * (__u64)sysconf(_SC_PAGESIZE);
}
