/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope agent`, `pods`: become loopscope-agent, which lies beside this executable. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "commands/commands.h"
#include "config/cli.h"

#define AGENT_NAME "loopscope-agent"

/* argv[0], "loopscope agent", says what it is to be. */
int command_agent(int argc, char **argv)
{
	char self[PATH_MAX], path[PATH_MAX + sizeof(AGENT_NAME) + 1];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)argc;
	if (length < 0) {
		log_error("reading /proc/self/exe: %s", strerror(errno));
		return CLI_EXIT_FAILURE;
	}
	self[length] = '\0';
	snprintf(path, sizeof(path), "%s/" AGENT_NAME, dirname(self));
	execv(path, argv);
	log_error("cannot run %s, which belongs beside this program: %s", path, strerror(errno));
	return CLI_EXIT_FAILURE;
}
