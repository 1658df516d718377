/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the settings ask of pods. */
#ifndef LOOPSCOPE_POD_OPTIONS_H
#define LOOPSCOPE_POD_OPTIONS_H

#include "config/settings/settings.h"
#include "identity/kubernetes/pod_attributes.h"

/* A pod's own threshold, milliseconds, where the settings allow for it. */
#define POD_BLOCKING_ANNOTATION "loopscope/blocking-ms"

/* What of pods becomes attributes; borrows from the settings. */
void pod_options_of_attributes(const struct kubernetes_settings *settings,
			       struct pod_attribute_options *ret_options);

/* Whether an annotation of that key is used for anything. */
bool pod_options_want_annotation(const struct kubernetes_settings *settings, const char *key);

/* The threshold that the pod asks for; 0: none, none that can be, or pods are not to be heard. */
__u64 pod_options_blocking_ns(const struct kubernetes_settings *settings, const struct pod *pod);

#endif
