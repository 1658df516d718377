/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loopscope-agent: what `loopscope agent` and `loopscope pods` become. A binary of its own,
 * so that the other commands need not load what only these speak with others by.
 */
#include <locale.h>
#include <malloc.h>
#include <signal.h>
#include <string.h>

#include "agent/agent.h"
#include "pods/pods_command.h"

/*
 * Requests and pages are large and short-lived: each gets pages of its own, which go
 * back with it. glibc would learn not to, and one export's memory stayed for good.
 */
#define LARGE_BYTES (64 * 1024)

static char pods_name[] = "loopscope pods";

/* By its own name it is the agent, but for `loopscope-agent pods`. */
static int run(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "pods")) {
		argv[1] = pods_name;
		argv++;
		argc--;
	}
	return strcmp(argv[0], pods_name) ? agent_main(argc, argv) : pods_main(argc, argv);
}

int main(int argc, char **argv)
{
	mallopt(M_MMAP_THRESHOLD, LARGE_BYTES);
	mallopt(M_TRIM_THRESHOLD, LARGE_BYTES);
	mallopt(M_ARENA_MAX, 1);  /* libcurl resolves names in a thread */
	signal(SIGCHLD, SIG_DFL); /* ignored, children would be gone before they are asked for */
	setlocale(LC_CTYPE, "");  /* numbers stay as programs write them */
	return run(argc, argv);
}
