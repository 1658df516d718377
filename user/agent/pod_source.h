/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the agent knows of this node's pods: the store, and the watch that keeps it up to date, by
 * the settings. Where they say that nobody is to be asked, nothing is known.
 */
#ifndef LOOPSCOPE_POD_SOURCE_H
#define LOOPSCOPE_POD_SOURCE_H

#include <systemd/sd-event.h>

#include "config/settings/settings.h"
#include "identity/kubernetes/pod_watch.h"

struct pod_source;

/*
 * A pod is known, or known better; comes from the event loop, a moment after. relisted: all pods
 * are as new settings have them.
 */
typedef void (*pod_source_changed_fn)(bool relisted, void *context);

/* `settings` must outlive it, or be replaced. -EINVAL, ...: `error` (POD_WATCH_ERROR_LEN). */
int pod_source_new(sd_event *event, const struct settings *settings, pod_source_changed_fn changed,
		   void *context, struct pod_source **ret_source, char *error);
void pod_source_free(struct pod_source *source);

/* Lists anew, by these settings; what is known stays known. An error leaves the old watch. */
int pod_source_set_settings(struct pod_source *source, const struct settings *settings,
			    char *error);

/* NULL: nobody is asked. */
const struct pods *pod_source_pods(const struct pod_source *source);

/* Somebody is in a pod that is not known. */
void pod_source_hurry(struct pod_source *source);

void pod_source_stats(const struct pod_source *source, struct pod_watch_stats *ret_stats,
		      struct pods_counts *ret_counts);

#endif
