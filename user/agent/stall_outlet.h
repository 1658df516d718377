/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What becomes of stalls of loops that are watched: log records, profiles, exemplars, counts. A
 * stall is told of when it ends, and while it goes on once it is old enough, again each time its
 * age has doubled.
 */
#ifndef LOOPSCOPE_STALL_OUTLET_H
#define LOOPSCOPE_STALL_OUTLET_H

#include "agent/log_shipper.h"
#include "agent/profile_shipper.h"
#include "agent/thresholds.h"
#include "model/stalls.h"

struct stall_outlet {
	const struct settings *settings;
	struct registry *registry;
	struct log_shipper *logs;
	struct profile_shipper *profiles;
	struct rate_limit log_records;
	__u64 nr_stalls;
};

/* As in struct stalls_options; the context is the outlet. Always 0. */
int stall_outlet_take(enum stall_event event, const struct stall *stall, void *context);

void stall_outlet_fill(const struct stall_outlet *outlet, struct agent_figures *agent);

#endif
