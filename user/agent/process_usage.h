/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* CPU time and context switches of all watched processes, read at once. */
#ifndef LOOPSCOPE_PROCESS_USAGE_H
#define LOOPSCOPE_PROCESS_USAGE_H

#include "agent/registry.h"

struct observer;

/* What cannot be read stays as it was. */
void process_usage_read(struct observer *observer, struct registry *registry);

#endif
