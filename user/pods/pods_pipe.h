/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Standard output, written to so that a reader that has stopped reading cannot hold us up. */
#ifndef LOOPSCOPE_PODS_PIPE_H
#define LOOPSCOPE_PODS_PIPE_H

#include <stddef.h>

/* All of it to the blocking descriptor `fd`. -ECANCELED: `stop_fd` became readable first. */
int pods_pipe_write(int fd, int stop_fd, const char *data, size_t size);

#endif
