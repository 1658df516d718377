/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where a process's perf map is, and opening it. */
#ifndef LOOPSCOPE_PERF_FILE_H
#define LOOPSCOPE_PERF_FILE_H

#include <sys/stat.h>

#include "symbols/process/process.h"

#define PERF_FILE_PATH_LEN 64

struct perf_file {
	char path[PERF_FILE_PATH_LEN]; /* below the process's root */
	uid_t user;                    /* whose process it is */
};

/* As the process stands now: -errno. */
int perf_file_find(struct process *process, struct perf_file *ret_file);

/* A descriptor of it; -EPERM: it is no regular file, or of another user; -errno. */
int perf_file_open(struct process *process, const struct perf_file *file, struct stat *ret_status);

#endif
