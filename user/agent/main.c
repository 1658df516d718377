/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loopscope-agent: what `loopscope agent` becomes. A binary of its own, so that
 * the other commands need not load what only the agent exports with.
 */
#include <locale.h>
#include <malloc.h>

#include "agent/agent.h"

/*
 * Requests and pages are large and short-lived: each gets pages of its own, which go
 * back with it. glibc would learn not to, and one export's memory stayed for good.
 */
#define LARGE_BYTES (64 * 1024)

int main(int argc, char **argv)
{
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
	mallopt(M_ARENA_MAX, 1); /* libcurl resolves names in a thread */
	setlocale(LC_CTYPE, ""); /* numbers stay as programs write them */
	return agent_main(argc, argv);
}
