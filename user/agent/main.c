/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * loopscope-agent: what `loopscope agent` becomes. A binary of its own, so that
 * the other commands need not load what only the agent exports with.
 */
#include <locale.h>

#include "agent/agent.h"

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, ""); /* numbers stay as programs write them */
	return agent_main(argc, argv);
}
