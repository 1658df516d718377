/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Attributes of a container in a pod. What identifies comes first, since a set has room for
 * ATTRIBUTES_MAX; what its owners have written on the pod comes after, for it has no say in that.
 * (Semantic conventions 1.44, k8s, container and service.)
 */
#include "identity/kubernetes/pod_attributes.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "identity/kubernetes/pod_owners.h"

#define ANNOTATION_OF_ATTRIBUTE "resource.opentelemetry.io/"
#define LABEL_INSTANCE "app.kubernetes.io/instance"
#define LABEL_NAME "app.kubernetes.io/name"
#define LABEL_VERSION "app.kubernetes.io/version"
#define INSTANCE_ID_MAX (3 * POD_NAME_LEN)

struct subject {
	const struct pod *pod;
	const struct pod_container *container; /* NULL: not known */
	long long restart_count;
	const struct pod_attribute_options *options;
	struct pod_owners owners;
};

/* What cannot be put for want of room is left out, and counted by the set. */
static int put_text(struct attributes *set, const char *key, const char *text)
{
	int r = *text ? attributes_put_text(set, key, text) : 0;

	return r == -ENOMEM ? r : 0;
}

static bool matches_any(char *const *patterns, size_t nr, const char *key)
{
	for (size_t i = 0; i < nr; i++) {
		if (fnmatch(patterns[i], key, 0) == 0)
			return true;
	}
	return false;
}

/* The key of the attribute that the annotation gives, or NULL. */
static const char *annotated_key(const char *annotation)
{
	static const char *const ours[] = {"k8s.",  "container.", "process.",
					   "host.", "os.",        "telemetry."};
	const char *key = annotation + strlen(ANNOTATION_OF_ATTRIBUTE);

	if (strncmp(annotation, ANNOTATION_OF_ATTRIBUTE, strlen(ANNOTATION_OF_ATTRIBUTE)) != 0)
		return NULL;
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++) {
		if (strncmp(key, ours[i], strlen(ours[i])) == 0)
			return NULL;
	}
	return *key ? key : NULL;
}

bool pod_attributes_want(const struct pod_attribute_options *options, const char *annotation)
{
	return annotated_key(annotation) ||
	       matches_any(options->annotations, options->nr_annotations, annotation);
}

static int put_names(const struct subject *subject, struct attributes *set)
{
	const struct pod *pod = subject->pod;
	const struct pod_attribute_options *options = subject->options;
	const char *node = *pod->node_name ? pod->node_name : options->node_name;

	return put_text(set, "k8s.pod.uid", pod->uid) ?: put_text(set, "k8s.pod.name", pod->name)
		       ?: put_text(set, "k8s.namespace.name", pod->namespace)
		       ?: put_text(set, "k8s.node.name", node)
		       ?: put_text(set, "k8s.cluster.name", options->cluster_name);
}

static int put_owners(const struct subject *subject, struct attributes *set)
{
	const struct pod_owners *owners = &subject->owners;

	return put_text(set, "k8s.deployment.name", owners->deployment)
		       ?: put_text(set, "k8s.replicaset.name", owners->replicaset)
		       ?: put_text(set, "k8s.statefulset.name", owners->statefulset)
		       ?: put_text(set, "k8s.daemonset.name", owners->daemonset)
		       ?: put_text(set, "k8s.job.name", owners->job)
		       ?: put_text(set, "k8s.cronjob.name", owners->cronjob);
}

static int put_image(const char *image, struct attributes *set)
{
	char name[POD_MAX_IMAGE_LEN], tag[POD_MAX_IMAGE_LEN];
	const char *const tags[] = {tag};
	const struct attribute attribute = {
		.key = "container.image.tags", .type = ATTRIBUTE_TEXTS, .texts = {tags, 1}};
	int r;

	pod_image_split(image, name, tag);
	r = put_text(set, "container.image.name", name);
	if (!r && *tag && attributes_put(set, &attribute) == -ENOMEM)
		r = -ENOMEM;
	return r;
}

static int put_container(const struct subject *subject, struct attributes *set)
{
	const struct pod_container *container = subject->container;
	int r;

	if (!container)
		return 0;
	r = put_text(set, "k8s.container.name", container->name);
	if (!r && subject->restart_count >= 0 &&
	    attributes_put_integer(set, "k8s.container.restart_count", subject->restart_count) ==
		    -ENOMEM)
		r = -ENOMEM;
	return r ?: put_image(container->image, set);
}

/* The first that is no empty text; "" if all are. */
static const char *first_of(const char *const *texts, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		if (texts[i] && *texts[i])
			return texts[i];
	}
	return "";
}

static const char *service_name(const struct subject *subject)
{
	const struct pod_owners *owners = &subject->owners;
	const char *const names[] = {
		pod_label(subject->pod, LABEL_INSTANCE),
		pod_label(subject->pod, LABEL_NAME),
		owners->deployment,
		owners->replicaset,
		owners->statefulset,
		owners->daemonset,
		owners->cronjob,
		owners->job,
		subject->pod->name,
	};

	return first_of(names, sizeof(names) / sizeof(*names));
}

/* "TAG@DIGEST", the digest alone, or the tag. */
static void version_of_image(const char *image, char ret_version[POD_MAX_IMAGE_LEN])
{
	char name[POD_MAX_IMAGE_LEN];
	const char *digest = strchr(image, '@');
	size_t length;

	pod_image_split(image, name, ret_version);
	length = strlen(ret_version);
	if (digest)
		snprintf(ret_version + length, POD_MAX_IMAGE_LEN - length, "%s",
			 length ? digest : digest + 1);
}

static int put_version(const struct subject *subject, struct attributes *set)
{
	const char *label = pod_label(subject->pod, LABEL_VERSION);
	char version[POD_MAX_IMAGE_LEN] = "";

	if (label && *label)
		return put_text(set, "service.version", label);
	if (subject->container)
		version_of_image(subject->container->image, version);
	return put_text(set, "service.version", version);
}

static int put_instance(const struct subject *subject, struct attributes *set)
{
	const struct pod *pod = subject->pod;
	char id[INSTANCE_ID_MAX];

	if (!subject->container || !*subject->container->name)
		return 0;
	snprintf(id, sizeof(id), "%s.%s.%s", pod->namespace, pod->name, subject->container->name);
	return put_text(set, "service.instance.id", id);
}

static int put_service(const struct subject *subject, struct attributes *set)
{
	return put_text(set, "service.name", service_name(subject))
		       ?: put_text(set, "service.namespace", subject->pod->namespace)
		       ?: put_version(subject, set) ?: put_instance(subject, set);
}

/* They are over all that was put before. */
static int put_annotated(const struct pod *pod, struct attributes *set)
{
	int r = 0;

	for (size_t i = 0; !r && i < pod->nr_annotations; i++) {
		const char *key = annotated_key(pod->annotations[i].key);

		if (key)
			r = put_text(set, key, pod->annotations[i].value);
	}
	return r;
}

/* Those that the configuration names, empty ones too. */
static int put_chosen(const struct pod_label *labels, size_t nr, char *const *patterns,
		      size_t nr_patterns, const char *prefix, struct attributes *set)
{
	char key[ATTRIBUTE_MAX_KEY + 1];

	for (size_t i = 0; i < nr; i++) {
		int length;

		if (!matches_any(patterns, nr_patterns, labels[i].key))
			continue;
		length = snprintf(key, sizeof(key), "%s%s", prefix, labels[i].key);
		if (length > ATTRIBUTE_MAX_KEY)
			continue; /* cut, it might be another's */
		if (attributes_put_text(set, key, labels[i].value) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

int pod_attributes_put(const struct pod *pod, const struct pod_container *container,
		       long long restart_count, const struct pod_attribute_options *options,
		       struct attributes *set)
{
	struct subject subject = {.pod = pod,
				  .container = container,
				  .restart_count = restart_count,
				  .options = options};

	pod_owners_of(pod, &subject.owners);
	return put_names(&subject, set)
		       ?: put_owners(&subject, set) ?: put_container(&subject, set)
		       ?: put_service(&subject, set) ?: put_annotated(pod, set)
		       ?: put_chosen(pod->labels, pod->nr_labels, options->labels,
				     options->nr_labels, "k8s.pod.label.", set)
		       ?: put_chosen(pod->annotations, pod->nr_annotations, options->annotations,
				     options->nr_annotations, "k8s.pod.annotation.", set);
}
