/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* All threads of a process are of one namespace, and their numbers in it unique. */
#include "symbols/thread_numbers.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "identity/proc.h"

#define STATUS_LEN 16384 /* groups stand before what is looked for */
#define MAX_THREADS 4096 /* looked at: some 10 us each */

uint64_t thread_native_id(const struct process *process, pid_t tid)
{
	char path[64], text[STATUS_LEN], *line, *end;

	snprintf(path, sizeof(path), "task/%d/status", (int)tid);
	if (proc_read(process->proc_fd, path, text, sizeof(text)) < 0)
		return 0;
	line = strstr(text, "\nNSpid:");
	end = line ? strchr(line + 1, '\n') : NULL;
	if (!end)
		return 0;
	*end = '\0';
	line = strrchr(line, '\t'); /* the innermost namespace's is the last */
	return line ? strtoull(line + 1, NULL, 10) : 0;
}

static pid_t search_threads(const struct process *process, uint64_t native_id)
{
	int fd = openat(process->proc_fd, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!list) {
		closep(&fd);
		return 0;
	}
	for (int i = 0; i < MAX_THREADS && (entry = readdir(list)); i++) {
		pid_t tid = (pid_t)strtol(entry->d_name, NULL, 10); /* "." and "..": 0 */

		if (tid > 0 && thread_native_id(process, tid) == native_id)
			return tid;
	}
	return 0;
}

pid_t thread_of_native_id(const struct process *process, uint64_t native_id)
{
	if (!native_id || native_id > INT_MAX)
		return 0;
	if (thread_native_id(process, (pid_t)native_id) == native_id)
		return (pid_t)native_id;
	return search_threads(process, native_id);
}
