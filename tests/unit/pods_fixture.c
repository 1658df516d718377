/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pods as pod_free expects them: each text its own memory. */
#include "pods_fixture.h"

#include <string.h>

#include "unit.h"

struct pod *fixture_pod(const char *uid)
{
	struct pod *pod = calloc(1, sizeof(*pod));

	assert_non_null(pod);
	snprintf(pod->uid, sizeof(pod->uid), "%s", uid);
	pod->name = strdup(uid);
	pod->namespace = strdup("shop");
	pod->node_name = strdup("node-1");
	pod->owner_kind = strdup("");
	pod->owner_name = strdup("");
	pod->nr_bytes = sizeof(*pod);
	return pod;
}

void fixture_container(struct pod *pod, const char *name, const char *id, const char *previous_id,
		       long long restart_count)
{
	struct pod_container *containers =
		realloc(pod->containers, (pod->nr_containers + 1) * sizeof(*containers));
	struct pod_container *container = &containers[pod->nr_containers];

	assert_non_null(containers);
	*container = (struct pod_container){
		.name = strdup(name),
		.image = strdup("web:1"),
		.restart_count = restart_count,
	};
	snprintf(container->id, sizeof(container->id), "%s", id);
	snprintf(container->previous_id, sizeof(container->previous_id), "%s", previous_id);
	pod->containers = containers;
	pod->nr_containers++;
}

struct cgroup_containers fixture_path(const char *pod_uid, const char *id)
{
	struct cgroup_containers path = {.nr = 1};

	snprintf(path.items[0].pod_uid, sizeof(path.items[0].pod_uid), "%s", pod_uid);
	snprintf(path.items[0].id, sizeof(path.items[0].id), "%s", id);
	return path;
}

struct pod *fixture_pod_with(const char *uid, const char *id, const char *previous_id,
			     long long restart_count)
{
	struct pod *pod = fixture_pod(uid);

	fixture_container(pod, "web", id, previous_id, restart_count);
	return pod;
}

void fixture_check_place(const struct pods *pods, const char *uid, const char *id,
			 enum pod_knowledge knowledge, long long restart_count)
{
	struct cgroup_containers path = fixture_path(uid, id);
	struct pod_place place;

	assert_int_equal(pods_place(pods, &path, &place), knowledge);
	assert_int_equal(!!place.pod, knowledge > POD_UNKNOWN);
	assert_int_equal(!!place.container, knowledge == POD_KNOWN);
	if (knowledge == POD_KNOWN)
		assert_int_equal(place.restart_count, restart_count);
}
