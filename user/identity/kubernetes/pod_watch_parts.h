/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The watch of pods from within: from where, by which drivers. Private to it. */
#ifndef LOOPSCOPE_POD_WATCH_PARTS_H
#define LOOPSCOPE_POD_WATCH_PARTS_H

#include "identity/kubernetes/cluster_access.h"
#include "identity/kubernetes/pod_feed.h"

/* All zero: no source at all. */
struct pod_watch_drivers {
	bool has_api, has_kubelet;
	struct pod_driver api, kubelet;
};

/* Takes the drivers, on errors too. */
int pod_watch_new_driven(const struct pod_watch_options *options,
			 const struct pod_watch_drivers *drivers, struct pod_watch **ret_watch);

/* Whom the settings have us ask. `error` as of pod_watch_new. */
int pod_watch_drivers_new(sd_event *event, const struct kubernetes_settings *settings,
			  struct pod_watch_drivers *ret_drivers, char *error);

/* The real driver. Takes the content of `access`, on errors too. */
int pod_transfer_new(sd_event *event, struct cluster_access *access, struct pod_driver *ret_driver);

/* One line of valid UTF-8: control characters become '?', what does not fit is cut. */
void pod_watch_text(char text[POD_WATCH_ERROR_LEN], const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
