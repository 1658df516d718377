/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a reader of deltas has of the agent's own figures, or what is on its way to it. */
#ifndef LOOPSCOPE_AGENT_DELIVERY_H
#define LOOPSCOPE_AGENT_DELIVERY_H

#include "export/figures.h"

struct agent_delivery {
	struct agent_figures figures;
	struct program_figures programs[AGENT_MAX_PROGRAMS];
	__u64 unix_ns; /* 0: nothing */
};

/* Keeps a copy of the agent's figures, if they are among these. */
void agent_delivery_ship(struct agent_delivery *on_way, const struct figures *figures);
void agent_delivery_arrived(struct agent_delivery *since, const struct agent_delivery *on_way);

#endif
