/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stalls as they happen: records of the collector's go through the program that finds names
 * (symbols.h), and come out as stalls. Owns that program, and the timer by which threads that do
 * not run are looked at.
 */
#ifndef LOOPSCOPE_STALL_WATCH_H
#define LOOPSCOPE_STALL_WATCH_H

#include <systemd/sd-event.h>

#include "agent/collector.h"
#include "model/stalls.h"

struct stall_watch;

/*
 * event: as in struct stalls_options, its return 0. The collector must outlive it. Without the
 * program, which is said in the log, stalls have no names. Negative errno.
 */
int stall_watch_new(sd_event *event, struct collector *collector, stall_event_fn callback,
		    void *context, struct stall_watch **ret_watch);
void stall_watch_free(struct stall_watch *watch);
DEFINE_CLEANUP(struct stall_watch *, stall_watch_free)

/* An export interval has ended: what is kept of processes that are no longer watched goes. */
void stall_watch_end_interval(struct stall_watch *watch);

/* What is still under way is told of as it is. Nothing comes after it. */
void stall_watch_finish(struct stall_watch *watch);

/* Fills in the figures of symbols. */
void stall_watch_fill(struct stall_watch *watch, struct agent_figures *agent);

#endif
