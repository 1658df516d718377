/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope list --explain PID`: what was seen of a process, and what it is therefore called. */
#ifndef LOOPSCOPE_EXPLAIN_H
#define LOOPSCOPE_EXPLAIN_H

#include "config/watch_options.h"

/* Watches that process as the options say, whose targets do not count. A failure is reported. */
int explain(pid_t pid, const struct watch_options *options, double seconds, bool json);

#endif
