/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One agent on a node: a file locked for as long as it runs. */
#ifndef LOOPSCOPE_LOCK_FILE_H
#define LOOPSCOPE_LOCK_FILE_H

#define LOCK_FILE_ERROR_LEN 512

/*
 * Makes the file, and its directory if need be, locks it and writes this process's
 * pid into it. The lock lasts until the descriptor is closed, at the process's end
 * at the latest; the file stays. -EWOULDBLOCK: another agent has it. `error` then says
 * which, or whatever else is wrong, and what to do.
 */
int lock_file_take(const char *path, int *ret_fd, char error[LOCK_FILE_ERROR_LEN]);

#endif
