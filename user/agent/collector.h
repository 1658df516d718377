/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Observer, model and registry joined: records in, figures out. The whole machine
 * is watched; what no target group includes the kernel side is told to leave alone.
 */
#ifndef LOOPSCOPE_COLLECTOR_H
#define LOOPSCOPE_COLLECTOR_H

#include <sys/types.h>

#include "agent/registry.h"
#include "config/settings/settings.h"
#include "export/figures.h"
#include "python_frames.h"

#define COLLECTOR_ERROR_LEN 320

struct collector;

/*
 * Who is handed records of stalls, and windows, as they come, and told of each process that gets a
 * loop to watch, which it may be more than once.
 */
struct collector_listener {
	void (*record)(const void *record, size_t size, void *context);
	void (*process)(const struct process_key *process, void *context);
	void *context;
};

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

/* What has come up to now it is not told of. */
void collector_set_listener(struct collector *collector, const struct collector_listener *listener);

/* Looks for stalls of threads that do not run; to be called so often. */
int collector_watch(struct collector *collector);
__u64 collector_watch_interval_ns(const struct collector *collector);

/* Whether stalls on CPU have stacks: 0, or why not, -errno. */
int collector_ticks(const struct collector *collector);

/* A process whose CPython frames are to be read. */
void collector_set_python(struct collector *collector, pid_t pid,
			  const struct python_runtime *runtime);

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
