/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is a byte for the kind, 'L' or 'W', eight from which the sizes of pieces are made, and
 * what a server sends. It must come to the same at once and in pieces; each pod is within its
 * bounds, and so are the attributes that are made of it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "identity/kubernetes/pod_attributes.h"
#include "pod_events.h"

#define NR_SEED_BYTES 8
#define LONGEST_PIECE 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

/* A linear congruential generator: any sequence does. */
static size_t next_piece(void *context)
{
	uint64_t *state = context;

	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (*state >> 33) % LONGEST_PIECE;
}

static void check_labels(const struct pod_label *labels, size_t nr, size_t max_value)
{
	require(nr <= POD_MAX_LABELS);
	for (size_t i = 0; i < nr; i++) {
		require(strlen(labels[i].key) <= POD_MAX_LABEL_KEY);
		require(strlen(labels[i].value) <= max_value && utf8_valid(labels[i].value));
		require(i == 0 || strcmp(labels[i - 1].key, labels[i].key) < 0);
	}
}

static void check_identity(const struct attributes *set, const struct pod *pod)
{
	require(strcmp(attributes_get_text(set, "k8s.pod.uid"), pod->uid) == 0);
	require(strcmp(attributes_get_text(set, "k8s.pod.name"), pod->name) == 0);
	require(strcmp(attributes_get_text(set, "k8s.namespace.name"), pod->namespace) == 0);
	require(!attributes_get(set, "container.id") && !attributes_get(set, "process.pid"));
	require(*attributes_get_text(set, "service.name"));
}

static void check_attributes(const struct pod *pod, const struct pod_container *container)
{
	static char all[] = "*";
	static char *const globs[] = {all};
	static const struct pod_attribute_options options = {.cluster_name = "",
							     .node_name = "",
							     .labels = globs,
							     .nr_labels = 1,
							     .annotations = globs,
							     .nr_annotations = 1};
	struct attributes set = {};

	require(pod_attributes_put(pod, container, 1, &options, &set) == 0);
	check_identity(&set, pod);
	attributes_done(&set);
}

static void check_pod(const struct pod *pod)
{
	long long count;

	require(*pod->uid && *pod->name && *pod->namespace);
	require(strlen(pod->name) < POD_NAME_LEN && strlen(pod->owner_name) < POD_NAME_LEN);
	require(pod->nr_containers <= POD_MAX_CONTAINERS && pod->nr_bytes >= sizeof(*pod));
	check_labels(pod->labels, pod->nr_labels, POD_MAX_LABEL_VALUE);
	check_labels(pod->annotations, pod->nr_annotations, POD_MAX_ANNOTATION);
	for (size_t i = 0; i < pod->nr_containers; i++) {
		const struct pod_container *container = &pod->containers[i];

		require(strlen(container->name) < POD_NAME_LEN && container->restart_count >= 0);
		require(!*container->id || pod_container_of_id(pod, container->id, &count));
	}
	require(pod_equal(pod, pod));
	check_attributes(pod, pod->nr_containers ? &pod->containers[0] : NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(pod_events_done) struct pod_events whole = {.look = check_pod}, pieces = {};
	enum pod_stream_kind kind;
	uint64_t state;
	int r;

	if (size < 1 + NR_SEED_BYTES)
		return 0;
	kind = data[0] == 'L' ? POD_STREAM_LIST : POD_STREAM_WATCH;
	memcpy(&state, data + 1, NR_SEED_BYTES);
	data += 1 + NR_SEED_BYTES;
	size -= 1 + NR_SEED_BYTES;
	r = pod_events_of(kind, data, size, NULL, NULL, &whole);
	require(r == pod_events_of(kind, data, size, next_piece, &state, &pieces));
	require(whole.lines.size == pieces.lines.size &&
		memcmp(whole.lines.data, pieces.lines.data, whole.lines.size) == 0);
	return 0;
}
