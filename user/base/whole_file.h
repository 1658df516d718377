/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that somebody has named, read as a whole. They may hold secrets. */
#ifndef LOOPSCOPE_WHOLE_FILE_H
#define LOOPSCOPE_WHOLE_FILE_H

#include <stddef.h>

/*
 * The bytes of a regular file, terminated; no other copy of them is left. -EFBIG: more than
 * `max`; -EISDIR; -EINVAL: another kind of file; or what opening or reading it said.
 */
int whole_file_read(const char *path, size_t max, char **ret_text, size_t *ret_size);

/* The same, but -ELOOP if it is a symbolic link. */
int whole_file_read_nofollow(const char *path, size_t max, char **ret_text, size_t *ret_size);

#endif
