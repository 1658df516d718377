/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why a pid that a user gave cannot be watched, in words. */
#include "identity/identity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/proc.h"

/* The thread group of a thread, 0 if it cannot be told. */
static pid_t leader_of(int directory)
{
	char status[4096];
	const char *line;
	pid_t leader;

	if (proc_read(directory, "status", status, sizeof(status)) < 0)
		return 0;
	/* the name, the only line before it that a process may choose, has its newlines escaped */
	line = strstr(status, "\nTgid:");
	return line && sscanf(line, "\nTgid: %d", &leader) == 1 ? leader : 0;
}

static const char *unreadable(int error)
{
	if (error == -EACCES || error == -EPERM)
		return "hidden: /proc is mounted with hidepid";
	return "no such process";
}

const char *identity_pid_problem(pid_t pid)
{
	static char problem[80];
	_cleanup_(closep) int directory = proc_open(pid);
	struct proc_stat stat;
	pid_t leader;
	int err;

	if (directory < 0)
		return unreadable(directory);
	err = proc_stat_read(directory, "stat", &stat);
	if (err < 0)
		return unreadable(err);
	if (stat.flags & PROC_FLAG_KTHREAD)
		return "a kernel thread";
	leader = leader_of(directory);
	if (leader != pid && leader > 0) {
		snprintf(problem, sizeof(problem), "a thread of process %d: use --pid %d", leader,
			 leader);
		return problem;
	}
	/* a leader that has ended while its threads go on is a zombie too */
	if ((stat.state == 'Z' || stat.state == 'X') && stat.nr_threads <= 1)
		return "a zombie: it has ended and waits for its parent";
	return NULL;
}
