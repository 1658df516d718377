/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The containers of a pod out of JSON. They are in three lists, whose states are in three more:
 * only the specification says which there are, only the state what runs.
 */
#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_json_parts.h"

/* "containerd://0123..." */
static void read_container_id(const char *text, char ret_id[CONTAINER_ID_LEN])
{
	const char *scheme_end = text ? strstr(text, "://") : NULL;
	const char *id = scheme_end ? scheme_end + strlen("://") : "";
	size_t length = strspn(id, DIGITS_OF_HEX);

	if (length == CONTAINER_ID_LEN - 1 && !id[length])
		pod_json_copy_lower(ret_id, id, length);
}

static int add_container(const json_t *specification, enum pod_container_kind kind, struct pod *pod)
{
	struct pod_container *container = &pod->containers[pod->nr_containers++];
	const char *name = pod_json_text(specification, "name"),
		   *image = pod_json_text(specification, "image");

	container->kind = kind;
	container->name = strdup(pod_json_is_name(name) ? name : "");
	container->image = strdup(image && strlen(image) < POD_MAX_IMAGE_LEN ? image : "");
	return container->name && container->image ? 0 : -ENOMEM;
}

static void read_state(const json_t *status, struct pod_container *container)
{
	const json_t *last = json_object_get(json_object_get(status, "lastState"), "terminated");
	long long count = json_integer_value(json_object_get(status, "restartCount"));

	read_container_id(pod_json_text(status, "containerID"), container->id);
	read_container_id(pod_json_text(last, "containerID"), container->previous_id);
	/* one that waits to be restarted is its own last state */
	if (strcmp(container->previous_id, container->id) == 0)
		container->previous_id[0] = '\0';
	container->restart_count = count > 0 ? count : 0;
}

static struct pod_container *find_container(struct pod *pod, enum pod_container_kind kind,
					    const char *name)
{
	for (size_t i = 0; name && *name && i < pod->nr_containers; i++) {
		struct pod_container *container = &pod->containers[i];

		if (container->kind == kind && strcmp(container->name, name) == 0)
			return container;
	}
	return NULL;
}

static void read_states(const json_t *statuses, enum pod_container_kind kind, struct pod *pod)
{
	size_t nr = json_array_size(statuses);

	for (size_t i = 0; i < nr && i < POD_MAX_CONTAINERS; i++) {
		const json_t *status = json_array_get(statuses, i);
		struct pod_container *container =
			find_container(pod, kind, pod_json_text(status, "name"));

		if (container)
			read_state(status, container);
	}
}

int pod_json_read_containers(const json_t *spec, const json_t *status, struct pod *pod)
{
	static const struct {
		const char *specifications, *states;
		enum pod_container_kind kind;
	} lists[] = {
		{"containers", "containerStatuses", POD_CONTAINER},
		{"initContainers", "initContainerStatuses", POD_INIT_CONTAINER},
		{"ephemeralContainers", "ephemeralContainerStatuses", POD_EPHEMERAL_CONTAINER},
	};
	const size_t nr_lists = sizeof(lists) / sizeof(*lists);
	size_t nr = 0;

	for (size_t i = 0; i < nr_lists; i++)
		nr += json_array_size(json_object_get(spec, lists[i].specifications));
	if (nr > POD_MAX_CONTAINERS)
		nr = POD_MAX_CONTAINERS;
	pod->nr_containers = 0;
	pod->containers = nr ? calloc(nr, sizeof(*pod->containers)) : NULL;
	if (!pod->containers)
		return nr ? -ENOMEM : 0;
	for (size_t i = 0; i < nr_lists; i++) {
		const json_t *list = json_object_get(spec, lists[i].specifications);
		size_t nr_here = json_array_size(list);

		for (size_t j = 0; j < nr_here && pod->nr_containers < nr; j++) {
			if (add_container(json_array_get(list, j), lists[i].kind, pod))
				return -ENOMEM;
		}
		read_states(json_object_get(status, lists[i].states), lists[i].kind, pod);
	}
	return 0;
}
