/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pods from this node's kubelet, which has no watch: its list, again and again, and sooner when
 * somebody is in a pod that is not known. Private to the watch of pods.
 */
#ifndef LOOPSCOPE_POD_KUBELET_H
#define LOOPSCOPE_POD_KUBELET_H

#include "identity/kubernetes/pod_feed.h"

struct pod_kubelet;

/* Frees the driver, on errors too. -ENOMEM. */
int pod_kubelet_new(const struct pod_driver *driver, const struct pod_feed_options *options,
		    double interval_ms, struct pod_kubelet **ret_kubelet);
void pod_kubelet_free(struct pod_kubelet *kubelet);

/* From now on, or no more; each may be said twice. */
void pod_kubelet_start(struct pod_kubelet *kubelet);
void pod_kubelet_stop(struct pod_kubelet *kubelet);

void pod_kubelet_hurry(struct pod_kubelet *kubelet);

struct pod_feed *pod_kubelet_feed(struct pod_kubelet *kubelet);

#endif
