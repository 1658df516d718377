/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files as a process with another root sees them. For who may not call openat2, whose arguments no
 * filter of system calls can see: RESOLVE_IN_ROOT without it.
 */
#ifndef LOOPSCOPE_FILE_INSIDE_H
#define LOOPSCOPE_FILE_INSIDE_H

#include <stdbool.h>

/*
 * An O_PATH descriptor of what `path` is below the directory `root`, which neither links nor `..`
 * lead out of, whoever changes them meanwhile. The last link is followed, or found itself. -errno.
 */
int file_find_inside(int root, const char *path, bool follow_last);

/* To be read. Of a regular file: opening any other may do things. -errno. */
int file_reopen(int path_fd);

#endif
