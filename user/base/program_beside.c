/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By our own executable's link, wherever it was started from. */
#include "base/program_beside.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <unistd.h>

int program_beside(const char *name, char ret_path[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (length < 0)
		return -errno;
	self[length] = '\0';
	if (snprintf(ret_path, PATH_MAX, "%s/%s", dirname(self), name) >= PATH_MAX)
		return -ENAMETOOLONG;
	return 0;
}
