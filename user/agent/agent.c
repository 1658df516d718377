/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's life. */
#include "agent/agent.h"

#include "base/log.h"

int agent_main(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	log_error("not there yet");
	return 1;
}
