/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A line is put as the API server would write the pod, so that one parser checks both. */
#include "commands/pod_lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json_values.h"

#define RUNTIME_PREFIX "pods://" /* in place of containerd:// */
#define ID_TEXT_LEN (CONTAINER_ID_LEN + sizeof(RUNTIME_PREFIX))

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key)) ?: "";
}

/* {KEY: "pods://ID"}, or {} where there is no id. */
static json_t *id_object(const char *id)
{
	json_t *object = json_object();
	char text[ID_TEXT_LEN];

	if (!*id)
		return object;
	snprintf(text, sizeof(text), RUNTIME_PREFIX "%s", id);
	json_put(&object, "containerID", json_string(text));
	return object;
}

static json_t *status_of(const json_t *container)
{
	json_t *status = id_object(text_of(container, "id")), *last = json_object();
	long long restarts = json_integer_value(json_object_get(container, "restart_count"));

	json_put(&last, "terminated", id_object(text_of(container, "previous_id")));
	json_put(&status, "name", json_text(text_of(container, "name")));
	json_put(&status, "restartCount", json_integer(restarts));
	json_put(&status, "lastState", last);
	return status;
}

static json_t *named(const json_t *container)
{
	json_t *object = json_object();

	json_put(&object, "name", json_text(text_of(container, "name")));
	return object;
}

static json_t *metadata_of(const json_t *line)
{
	static const char *const keys[] = {"uid", "name", "namespace"};
	json_t *metadata = json_object(), *annotations = json_object();
	const char *hash = text_of(line, "config_hash");
	json_t *labels = json_object_get(line, "labels");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		json_put(&metadata, keys[i], json_text(text_of(line, keys[i])));
	if (*hash) { /* a mirror's: of two annotations that must agree */
		json_put(&annotations, "kubernetes.io/config.hash", json_text(hash));
		json_put(&annotations, "kubernetes.io/config.mirror", json_text(hash));
	}
	json_put(&metadata, "annotations", annotations);
	if (labels)
		json_put(&metadata, "labels", json_incref(labels));
	return metadata;
}

static json_t *pod_of(const json_t *line)
{
	json_t *pod = json_object(), *spec = json_object(), *status = json_object();
	json_t *containers = json_array(), *statuses = json_array();
	const json_t *list = json_object_get(line, "containers"), *container;
	size_t i;

	json_array_foreach(list, i, container)
	{
		json_append(&containers, named(container));
		json_append(&statuses, status_of(container));
	}
	json_put(&spec, "containers", containers);
	json_put(&status, "containerStatuses", statuses);
	json_put(&pod, "metadata", metadata_of(line));
	json_put(&pod, "spec", spec);
	json_put(&pod, "status", status);
	return pod;
}

static int take_pod(struct pods *pods, const json_t *line, __u64 now_ns)
{
	const struct pod_parse_options options = {};
	json_auto_t *object = pod_of(line);
	struct pod *pod;
	int r = object ? pod_from_json(object, &options, &pod) : -ENOMEM;

	if (r)
		return r == -EINVAL ? -EBADMSG : r;
	r = pods_put(pods, pod, now_ns);
	return r == -E2BIG ? 0 : r;
}

int pod_line_take(struct pods *pods, const char *line, size_t length, __u64 now_ns,
		  struct pod_line *ret_line)
{
	json_auto_t *object = json_loadb(line, length, 0, NULL);
	const char *type = text_of(object, "type");
	struct pod_line told = {.kind = POD_LINE_TAKEN};
	int r = 0;

	if (!*type)
		return -EBADMSG;
	if (strcmp(type, "pod") == 0) {
		r = take_pod(pods, object, now_ns);
	} else if (strcmp(type, "deleted") == 0) {
		pods_delete(pods, text_of(object, "uid"), now_ns);
	} else if (strcmp(type, "synced") == 0) {
		told.kind = POD_LINE_SYNCED;
	} else if (strcmp(type, "status") == 0) {
		told.kind = POD_LINE_STATUS;
		snprintf(told.message, sizeof(told.message), "%s", text_of(object, "message"));
	} else {
		told.kind = POD_LINE_OTHER;
	}
	if (r)
		return r;
	*ret_line = told;
	return 0;
}
