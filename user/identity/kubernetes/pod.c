/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a pod is asked for, once it has been read (pod_json.c). Owns the texts of a pod. */
#include "identity/kubernetes/pod.h"

#include <string.h>

static void free_labels(struct pod_label *labels, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		free(labels[i].key);
		free(labels[i].value);
	}
	free(labels);
}

void pod_free(struct pod *pod)
{
	if (!pod)
		return;
	for (size_t i = 0; i < pod->nr_containers; i++) {
		free(pod->containers[i].name);
		free(pod->containers[i].image);
	}
	free(pod->containers);
	free_labels(pod->labels, pod->nr_labels);
	free_labels(pod->annotations, pod->nr_annotations);
	free(pod->name);
	free(pod->namespace);
	free(pod->node_name);
	free(pod->owner_kind);
	free(pod->owner_name);
	free(pod);
}

const struct pod_container *pod_container_of_id(const struct pod *pod, const char *id,
						long long *ret_restart_count)
{
	if (!*id)
		return NULL;
	for (size_t i = 0; i < pod->nr_containers; i++) {
		const struct pod_container *container = &pod->containers[i];
		long long count = container->restart_count;

		if (strcmp(container->id, id) == 0) {
			*ret_restart_count = count;
			return container;
		}
		if (strcmp(container->previous_id, id) == 0) {
			*ret_restart_count = count > 0 ? count - 1 : 0;
			return container;
		}
	}
	return NULL;
}

static int compare_key(const void *key, const void *label)
{
	return strcmp(key, ((const struct pod_label *)label)->key);
}

static const char *find(const struct pod_label *labels, size_t nr, const char *key)
{
	const struct pod_label *label =
		nr ? bsearch(key, labels, nr, sizeof(*labels), compare_key) : NULL;

	return label ? label->value : NULL;
}

const char *pod_label(const struct pod *pod, const char *key)
{
	return find(pod->labels, pod->nr_labels, key);
}

const char *pod_annotation(const struct pod *pod, const char *key)
{
	return find(pod->annotations, pod->nr_annotations, key);
}

static bool labels_equal(const struct pod_label *a, size_t nr_a, const struct pod_label *b,
			 size_t nr_b)
{
	if (nr_a != nr_b)
		return false;
	for (size_t i = 0; i < nr_a; i++) {
		if (strcmp(a[i].key, b[i].key) != 0 || strcmp(a[i].value, b[i].value) != 0)
			return false;
	}
	return true;
}

static bool container_equal(const struct pod_container *a, const struct pod_container *b)
{
	return strcmp(a->name, b->name) == 0 && strcmp(a->image, b->image) == 0 &&
	       a->kind == b->kind && strcmp(a->id, b->id) == 0 &&
	       strcmp(a->previous_id, b->previous_id) == 0 && a->restart_count == b->restart_count;
}

static bool containers_equal(const struct pod *a, const struct pod *b)
{
	if (a->nr_containers != b->nr_containers)
		return false;
	for (size_t i = 0; i < a->nr_containers; i++) {
		if (!container_equal(&a->containers[i], &b->containers[i]))
			return false;
	}
	return true;
}

bool pod_equal(const struct pod *a, const struct pod *b)
{
	return strcmp(a->uid, b->uid) == 0 && strcmp(a->config_hash, b->config_hash) == 0 &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->namespace, b->namespace) == 0 &&
	       strcmp(a->node_name, b->node_name) == 0 &&
	       strcmp(a->owner_kind, b->owner_kind) == 0 &&
	       strcmp(a->owner_name, b->owner_name) == 0 && a->deleting == b->deleting &&
	       a->ended == b->ended &&
	       labels_equal(a->labels, a->nr_labels, b->labels, b->nr_labels) &&
	       labels_equal(a->annotations, a->nr_annotations, b->annotations, b->nr_annotations) &&
	       containers_equal(a, b);
}
