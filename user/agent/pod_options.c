/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pure. */
#include "agent/pod_options.h"

#include <math.h>
#include <string.h>

#include "config/number.h"

#define NS_PER_MS 1e6
#define MIN_BLOCKING_MS 1
#define MAX_BLOCKING_MS 3600000

void pod_options_of_attributes(const struct kubernetes_settings *settings,
			       struct pod_attribute_options *ret_options)
{
	*ret_options = (struct pod_attribute_options){
		.cluster_name = settings->cluster_name,
		.node_name = settings->node_name,
		.labels = settings->labels.items,
		.nr_labels = settings->labels.nr,
		.annotations = settings->annotations.items,
		.nr_annotations = settings->annotations.nr,
	};
}

bool pod_options_want_annotation(const struct kubernetes_settings *settings, const char *key)
{
	struct pod_attribute_options options;

	pod_options_of_attributes(settings, &options);
	return pod_attributes_want(&options, key) ||
	       (settings->annotated_thresholds && strcmp(key, POD_BLOCKING_ANNOTATION) == 0);
}

__u64 pod_options_blocking_ns(const struct kubernetes_settings *settings, const struct pod *pod)
{
	const char *text = NULL;
	double ms;

	if (pod && settings->annotated_thresholds)
		text = pod_annotation(pod, POD_BLOCKING_ANNOTATION);
	if (!text || number_parse_decimal(text, MIN_BLOCKING_MS, MAX_BLOCKING_MS, &ms))
		return 0;
	return (__u64)llround(ms * NS_PER_MS);
}
