/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope agent`, `pods`: become loopscope-agent, which lies beside this executable. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/program_beside.h"
#include "commands/beside.h"
#include "commands/commands.h"
#include "config/cli.h"

/* argv[0], "loopscope agent", says what it is to be. */
int command_agent(int argc, char **argv)
{
	char path[PATH_MAX];
	int r = program_beside(BESIDE_AGENT, path);

	(void)argc;
	if (r) {
		log_error("reading /proc/self/exe: %s", strerror(-r));
		return CLI_EXIT_FAILURE;
	}
	execv(path, argv);
	log_error("cannot run %s, which belongs beside this program: %s", path, strerror(errno));
	return CLI_EXIT_FAILURE;
}
