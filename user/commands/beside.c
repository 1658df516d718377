/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By our own executable's link, wherever it was started from. */
#include "commands/beside.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

int beside_path(char ret_path[BESIDE_PATH_LEN])
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return -errno;
	self[length] = '\0';
	snprintf(ret_path, BESIDE_PATH_LEN, "%s/" BESIDE_AGENT, dirname(self));
	return 0;
}
