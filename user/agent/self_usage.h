/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the agent itself uses. */
#ifndef LOOPSCOPE_SELF_USAGE_H
#define LOOPSCOPE_SELF_USAGE_H

#include "export/figures.h"

/* Fills in cpu_user_ns, cpu_system_ns and rss_bytes; what cannot be read stays as it was. */
void self_usage_read(struct agent_figures *figures);

#endif
