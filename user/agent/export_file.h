/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The file that lines are exported to. A part of what did not fit is taken back, so
 * that it neither spoils the line after it nor counts twice.
 */
#ifndef LOOPSCOPE_EXPORT_FILE_H
#define LOOPSCOPE_EXPORT_FILE_H

#include <stdio.h>
#include <sys/types.h>

/* To be appended to. Negative errno; -EINVAL: not a file, to write to it might never end. */
int export_file_open(const char *path, FILE **ret_file);

/* Where the file ends; -1: it is none that could be cut. */
off_t export_file_end(FILE *file);

/* Forgets what has been written since it ended there. */
void export_file_cut(FILE *file, off_t end);

#endif
