/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* By our own executable's link, wherever it was started from. */
#include "base/program_beside.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <spawn.h>
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

/* What is given may have the number of what is not: it is put in its place first. */
static int add_actions(posix_spawn_file_actions_t *actions, const int fds[3])
{
	int r = 0;

	for (int i = 0; i < 3 && !r; i++) {
		if (fds[i] >= 0)
			r = posix_spawn_file_actions_adddup2(actions, fds[i], i);
	}
	for (int i = 0; i < 3 && !r; i++) {
		if (fds[i] < 0)
			r = posix_spawn_file_actions_addopen(actions, i, "/dev/null",
							     i ? O_WRONLY : O_RDONLY, 0);
	}
	return r;
}

int program_spawn(const char *path, char *const argv[], char *const environment[], const int fds[3],
		  pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int r;

	sigemptyset(&none);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawn_file_actions_init(&actions);
	r = add_actions(&actions, fds)
		    ?: posix_spawn(ret_pid, path, &actions, &attributes, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	return -r;
}
