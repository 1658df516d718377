/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The collector as its own files see it. */
#ifndef LOOPSCOPE_COLLECTOR_PARTS_H
#define LOOPSCOPE_COLLECTOR_PARTS_H

#include "agent/admission.h"
#include "agent/collector.h"
#include "agent/policies.h"

struct collector {
	const struct settings *settings;
	struct observer *observer;
	struct model *model;
	struct registry *registry;
	struct admission *admission;
	struct policies *policies;
	struct attributes departed;
	struct collector_listener listener; /* all NULL: nobody listens */
	bool left_out;     /* loops are excluded that pods, as they are now, may include */
	bool pods_changed; /* since such loops were looked at */
	bool releasing;    /* nothing is to be held any longer */
	__u64 started_unix_ns;
	__u64 collected_unix_ns; /* what all figures are as of */
	struct program_figures programs[AGENT_MAX_PROGRAMS];
};

/* What a group asks for. */
__u64 collector_blocking_ns(const struct settings *settings, int group);

/* What was left out is looked at again, if pods have changed: once an interval, for it is work. */
void collector_reconsider(struct collector *collector);

/* The kernel side is not to watch it. */
void collector_put_exclusion(struct collector *collector, const struct loop_id *id);

/* The threshold that the loop's pod or group asks for, where blocking_ns is in force; and what else
 * the group wants kept of it. */
void collector_put_threshold(struct collector *collector, struct watched_loop *loop,
			     __u64 blocking_ns);

/* Lets go of what has been held for long enough, and of what is known now. */
void collector_settle(struct collector *collector);

/* By what is known now: another group, another threshold, or no longer watched. */
void collector_regroup(struct watched_loop *loop, void *context);

#endif
