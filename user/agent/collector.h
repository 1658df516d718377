/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Observer, model and registry joined: records in, figures out. The whole machine
 * is watched; what no target group includes the kernel side is told to leave alone.
 */
#ifndef LOOPSCOPE_COLLECTOR_H
#define LOOPSCOPE_COLLECTOR_H

#include "agent/registry.h"
#include "config/settings/settings.h"
#include "export/figures.h"

#define COLLECTOR_ERROR_LEN 320

struct collector;

/*
 * Loads, attaches, and takes stock. pods: what is known of them; it must outlive the collector.
 * NULL: nobody knows of any. Negative errno; `error` says what to do about it.
 */
int collector_new(const struct settings *settings, const struct pods *pods,
		  struct collector **ret_collector, char error[COLLECTOR_ERROR_LEN]);
void collector_free(struct collector *collector);

/* Other targets, thresholds, attributes; totals go on. `settings` must outlive the collector. */
int collector_set_settings(struct collector *collector, const struct settings *settings);

int collector_fd(const struct collector *collector); /* readable when records wait */

/* Other pods, or none. */
void collector_set_pods(struct collector *collector, const struct pods *pods);

/* More is known of pods: figures that were held for it are let go, targets are decided anew. */
void collector_pods_changed(struct collector *collector);

/* Resources are told anew, since they may hold more of pods than when the settings came. */
void collector_reread(struct collector *collector);

/* Whether figures are held for want of a pod. */
bool collector_waits(const struct collector *collector);

/* Nothing is held any longer, what comes from now on neither. */
void collector_release(struct collector *collector);

/* Takes the records that wait, and looks at who is new. */
int collector_read(struct collector *collector);

/* Brings every loop up to this moment. */
int collector_collect(struct collector *collector);

/* Whether the kernel side has to be told something of new loops, which a collection does. */
bool collector_has_news(const struct collector *collector);

/* An export interval ends where the last collection was. */
void collector_end_interval(struct collector *collector);

struct registry *collector_registry(struct collector *collector);

/* Figures with the collector's share of `agent` filled in. -ENOMEM. */
int collector_figures(struct collector *collector, enum reader reader, struct agent_figures *agent,
		      struct figures *ret_figures);

#endif
