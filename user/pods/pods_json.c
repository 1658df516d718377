/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope pods --json`: docs/loopscope.1 lists the keys. */
#include <errno.h>

#include "base/json_values.h"
#include "pods/pods_output.h"

static json_t *container_json(const struct pod_container *container)
{
	static const char *const kinds[] = {
		[POD_CONTAINER] = "container",
		[POD_INIT_CONTAINER] = "init",
		[POD_EPHEMERAL_CONTAINER] = "ephemeral",
	};
	json_t *object = json_object();

	json_put(&object, "name", json_text(container->name));
	json_put(&object, "kind", json_text(kinds[container->kind]));
	json_put(&object, "id", json_text(container->id));
	json_put(&object, "previous_id", json_text(container->previous_id));
	json_put(&object, "restart_count", json_integer(container->restart_count));
	json_put(&object, "image", json_text(container->image));
	return object;
}

static json_t *containers_json(const struct pod *pod)
{
	json_t *array = json_array();

	for (size_t i = 0; i < pod->nr_containers; i++)
		json_append(&array, container_json(&pod->containers[i]));
	return array;
}

static json_t *labels_json(const struct pod *pod)
{
	json_t *object = json_object();

	for (size_t i = 0; i < pod->nr_labels; i++)
		json_put(&object, pod->labels[i].key, json_text(pod->labels[i].value));
	return object;
}

static json_t *owner_json(const struct pod *pod)
{
	json_t *object;

	if (!*pod->owner_kind)
		return json_null();
	object = json_object();
	json_put(&object, "kind", json_text(pod->owner_kind));
	json_put(&object, "name", json_text(pod->owner_name));
	return object;
}

static json_t *record(const char *type)
{
	json_t *object = json_object();

	json_put(&object, "type", json_text(type));
	return object;
}

/* Takes the object. */
static int write_line(FILE *out, json_t *object)
{
	int r = object ? json_dumpf(object, out, JSON_COMPACT) : -1;

	json_decref(object);
	if (!r)
		fputc('\n', out);
	return r ? -ENOMEM : 0;
}

int pods_json_pod(FILE *out, const struct pod *pod)
{
	json_t *object = record("pod");

	json_put(&object, "uid", json_text(pod->uid));
	json_put(&object, "config_hash", json_text(pod->config_hash));
	json_put(&object, "namespace", json_text(pod->namespace));
	json_put(&object, "name", json_text(pod->name));
	json_put(&object, "node", json_text(pod->node_name));
	json_put(&object, "labels", labels_json(pod));
	json_put(&object, "owner", owner_json(pod));
	json_put(&object, "deleting", json_boolean(pod->deleting));
	json_put(&object, "ended", json_boolean(pod->ended));
	json_put(&object, "containers", containers_json(pod));
	return write_line(out, object);
}

int pods_json_deleted(FILE *out, const struct pod *pod)
{
	json_t *object = record("deleted");

	json_put(&object, "uid", json_text(pod->uid));
	return write_line(out, object);
}

int pods_json_synced(FILE *out)
{
	return write_line(out, record("synced"));
}

int pods_json_status(FILE *out, const char *message)
{
	json_t *object = record("status");

	json_put(&object, "message", json_text(message));
	return write_line(out, object);
}
