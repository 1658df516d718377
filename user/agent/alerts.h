/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loops against their group's thresholds: crossings are counted, and logged so many a minute. */
#ifndef LOOPSCOPE_ALERTS_H
#define LOOPSCOPE_ALERTS_H

#include "agent/registry.h"
#include "agent/thresholds.h"

struct alerts {
	__u64 crossings[NR_THRESHOLDS]; /* upwards, ever */
	struct rate_limit lines;
	__u64 told_held_back; /* lines that have been said to be missing */
};

/* The shortest stall age that any group has for a threshold, ms; 0: none has one. */
double alerts_min_stall_age_ms(const struct settings *settings);

/* After a collection: stalls under way. */
void alerts_check_now(struct alerts *alerts, const struct settings *settings,
		      struct registry *registry);

/* At the end of an export interval, before it is closed: lag and utilization. */
void alerts_check_interval(struct alerts *alerts, const struct settings *settings,
			   struct registry *registry);

#endif
