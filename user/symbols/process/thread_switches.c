/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A thread that is off CPU has left it as often as before; so has one that has come back and runs.
 * State and count come from one file, the state first: one found asleep, and then still with the
 * same count, was not on a CPU in between. One that is runnable may be waiting or running: it waits
 * if its process uses no CPU meanwhile, which the kernel tells to the nanosecond. Where other
 * threads of the process run, that cannot be told, and nothing is believed.
 */
#include "symbols/process/thread_switches.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "identity/proc.h"

#define STATUS_LEN 16384 /* masks of CPUs and memory nodes stand before what is looked for */
#define PATH_LEN 64

/* The text behind "name:" at the beginning of a line; NULL: no such line. */
static const char *find_value(const char *status, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, name, length))
			return line + length;
	}
	return NULL;
}

static int parse_status(const char *status, struct thread_switches *switches)
{
	const char *state = find_value(status, "State:");
	const char *own = find_value(status, "voluntary_ctxt_switches:");
	const char *forced = find_value(status, "nonvoluntary_ctxt_switches:");
	unsigned long long nr_own, nr_forced;
	char letter;

	if (!state || !own || !forced || sscanf(state, " %c", &letter) != 1 ||
	    sscanf(own, " %llu", &nr_own) != 1 || sscanf(forced, " %llu", &nr_forced) != 1)
		return -EBADMSG;
	switches->out = nr_own + nr_forced;
	switches->asleep = letter == 'S' || letter == 'D' || letter == 'T' || letter == 't';
	return 0;
}

int thread_switches_read(int proc_fd, pid_t pid, pid_t tid, struct thread_switches *ret_switches)
{
	struct thread_switches switches = {};
	char path[PATH_LEN], status[STATUS_LEN];
	ssize_t n;
	int r;

	snprintf(path, sizeof(path), "task/%d/status", tid);
	n = proc_read(proc_fd, path, status, sizeof(status));
	if (n < 0)
		return n == -ENOENT ? -ESRCH : (int)n;
	r = parse_status(status, &switches);
	if (r)
		return r;
	if (!switches.asleep)
		switches.cpu_ns = proc_cpu_ns(pid);
	*ret_switches = switches;
	return 0;
}

bool thread_has_stood(uint64_t out, const struct thread_switches *before,
		      const struct thread_switches *after)
{
	if (before->out != out || after->out != out)
		return false;
	/* one that falls asleep is told to be before it has left its CPU */
	if (before->asleep != after->asleep)
		return false;
	return after->asleep || (after->cpu_ns && after->cpu_ns == before->cpu_ns);
}
