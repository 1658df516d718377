/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The resource attributes of a container in a pod, by OpenTelemetry's semantic conventions, and
 * its service by the specification's order for Kubernetes: annotation
 * resource.opentelemetry.io/KEY; labels app.kubernetes.io/instance, then /name; the
 * owner; the pod.
 *
 * An annotation resource.opentelemetry.io/KEY becomes attribute KEY, over all others, but not
 * if KEY begins with k8s., container., process., host., os. or telemetry.: that is what we have
 * seen ourselves, and who may annotate a pod must not make it pass for another. Empty ones count
 * as not given.
 */
#ifndef LOOPSCOPE_POD_ATTRIBUTES_H
#define LOOPSCOPE_POD_ATTRIBUTES_H

#include "identity/attributes.h"
#include "identity/kubernetes/pod.h"

struct pod_attribute_options {
	const char *cluster_name; /* "": not known */
	const char *node_name;    /* where the pod does not say */
	char *const *labels;      /* globs of labels to show as k8s.pod.label.KEY */
	size_t nr_labels;
	char *const *annotations; /* likewise, k8s.pod.annotation.KEY */
	size_t nr_annotations;
};

/* Whether the pod's annotation is needed for attributes: what pod_from_json should keep. */
bool pod_attributes_want(const struct pod_attribute_options *options, const char *annotation);

/*
 * Puts all that is known, in place of what the set has. container: NULL if it is not known which
 * one it is; restart_count: negative likewise. The id is the caller's to put. -ENOMEM; what has no
 * room is counted by the set.
 *
 *	k8s.cluster.name, k8s.node.name, k8s.namespace.name, k8s.pod.{name,uid},
 *	k8s.{deployment,replicaset,statefulset,daemonset,job,cronjob}.name,
 *	k8s.container.{name,restart_count}, container.image.{name,tags}, k8s.pod.label.*,
 *	k8s.pod.annotation.*, service.{name,namespace,version,instance.id}, and whatever
 *	annotations resource.opentelemetry.io/ say
 */
int pod_attributes_put(const struct pod *pod, const struct pod_container *container,
		       long long restart_count, const struct pod_attribute_options *options,
		       struct attributes *set);

/*
 * "registry:5000/shop/web:1.2@sha256:..." apart: name without tag and digest; "" for no tag, and
 * for the name of an image that has but an id. Both buffers have POD_MAX_IMAGE_LEN bytes.
 */
void pod_image_split(const char *image, char *ret_name, char *ret_tag);

#endif
