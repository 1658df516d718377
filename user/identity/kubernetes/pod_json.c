/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pods out of JSON. Whoever may make pods writes most of it, so each text is looked at before it is
 * believed, and each list has its bound. Containers are read in pod_json_containers.c.
 */
#include <errno.h>
#include <string.h>

#include "base/utf8.h"
#include "identity/kubernetes/pod_json_parts.h"

#define CHARACTERS_OF_NAMES "abcdefghijklmnopqrstuvwxyz0123456789-."
#define ANNOTATION_HASH "kubernetes.io/config.hash"
#define ANNOTATION_MIRROR "kubernetes.io/config.mirror"

const char *pod_json_text(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);
	const char *text = json_string_value(value);

	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

bool pod_json_is_name(const char *text)
{
	size_t length = text ? strspn(text, CHARACTERS_OF_NAMES) : 0;

	return length && length < POD_NAME_LEN && !text[length];
}

/* A kind, or a name by rules that are not known. */
static bool is_word(const char *text)
{
	size_t length = 0;

	while (text && length < POD_NAME_LEN && text[length] > ' ' && text[length] < 0x7f)
		length++;
	return length && length < POD_NAME_LEN && !text[length];
}

void pod_json_copy_lower(char *to, const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		to[i] = text[i] >= 'A' && text[i] <= 'F' ? text[i] - 'A' + 'a' : text[i];
	to[length] = '\0';
}

static bool read_uid(const char *text, char ret_uid[POD_UID_LEN])
{
	size_t length = text ? strspn(text, DIGITS_OF_HEX "-") : 0;

	if (!length || length >= POD_UID_LEN || text[length] || !strpbrk(text, DIGITS_OF_HEX))
		return false;
	pod_json_copy_lower(ret_uid, text, length);
	return true;
}

static int add_label(const char *key, const char *value, size_t length, struct pod_label *labels,
		     size_t *nr)
{
	struct pod_label label = {.key = strdup(key), .value = strndup(value, length)};

	if (!label.key || !label.value) {
		free(label.key);
		free(label.value);
		return -ENOMEM;
	}
	labels[(*nr)++] = label;
	return 0;
}

static int compare_labels(const void *a, const void *b)
{
	return strcmp(((const struct pod_label *)a)->key, ((const struct pod_label *)b)->key);
}

/* Room for as many as there are or may be; NULL: none are, or no memory. */
static struct pod_label *new_labels(const json_t *object)
{
	size_t nr = json_object_size(object);

	return nr ? calloc(nr < POD_MAX_LABELS ? nr : POD_MAX_LABELS, sizeof(struct pod_label))
		  : NULL;
}

static int read_labels(json_t *object, struct pod *pod)
{
	const char *key;
	json_t *value;

	pod->labels = new_labels(object);
	if (!pod->labels)
		return json_object_size(object) ? -ENOMEM : 0;
	json_object_foreach(object, key, value)
	{
		const char *text = pod_json_text(object, key);
		size_t length = text ? strlen(text) : 0;

		if (!text || length > POD_MAX_LABEL_VALUE || strlen(key) > POD_MAX_LABEL_KEY)
			continue;
		if (pod->nr_labels == POD_MAX_LABELS)
			break;
		if (add_label(key, text, length, pod->labels, &pod->nr_labels))
			return -ENOMEM;
	}
	qsort(pod->labels, pod->nr_labels, sizeof(*pod->labels), compare_labels);
	return 0;
}

static int read_annotations(json_t *object, const struct pod_parse_options *options,
			    struct pod *pod)
{
	const char *key;
	json_t *value;

	pod->annotations = options && options->wanted ? new_labels(object) : NULL;
	if (!pod->annotations)
		return options && options->wanted && json_object_size(object) ? -ENOMEM : 0;
	json_object_foreach(object, key, value)
	{
		const char *text = pod_json_text(object, key);

		if (!text || strlen(key) > POD_MAX_LABEL_KEY ||
		    !options->wanted(key, options->context))
			continue;
		if (pod->nr_annotations == POD_MAX_LABELS)
			break;
		if (add_label(key, text, utf8_cut(text, strlen(text), POD_MAX_ANNOTATION),
			      pod->annotations, &pod->nr_annotations))
			return -ENOMEM;
	}
	qsort(pod->annotations, pod->nr_annotations, sizeof(*pod->annotations), compare_labels);
	return 0;
}

/* Only a mirror pod has another uid than its cgroups. */
static void read_config_hash(const json_t *annotations, struct pod *pod)
{
	const char *mirror = pod_json_text(annotations, ANNOTATION_MIRROR);
	const char *hash = pod_json_text(annotations, ANNOTATION_HASH);
	char uid[POD_UID_LEN];

	if (!read_uid(hash, uid))
		return;
	if (strcmp(uid, pod->uid) == 0 || (mirror && strcmp(mirror, hash) == 0))
		memcpy(pod->config_hash, uid, sizeof(uid));
}

/* The group of "apps/v1" if it is not one of Kubernetes' own that own pods; else "". */
static const char *foreign_group(const char *api_version, size_t *ret_length)
{
	static const char *const own[] = {"apps", "batch"};
	const char *slash = api_version ? strchr(api_version, '/') : NULL;

	*ret_length = slash ? slash - api_version : 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (*ret_length == strlen(own[i]) && strncmp(api_version, own[i], *ret_length) == 0)
			*ret_length = 0;
	}
	return *ret_length ? api_version : "";
}

static int read_owner(const json_t *reference, struct pod *pod)
{
	const char *kind = pod_json_text(reference, "kind"),
		   *name = pod_json_text(reference, "name");
	const char *api_version = pod_json_text(reference, "apiVersion"), *group;
	size_t length;

	if (!is_word(kind) || !is_word(name) || (api_version && !is_word(api_version)))
		return 0;
	group = foreign_group(api_version, &length);
	if (asprintf(&pod->owner_kind, "%s%s%.*s", kind, length ? "." : "", (int)length, group) <
	    0) {
		pod->owner_kind = NULL;
		return -ENOMEM;
	}
	pod->owner_name = strdup(name);
	return pod->owner_name ? 0 : -ENOMEM;
}

static int read_controller(const json_t *references, struct pod *pod)
{
	size_t nr = json_array_size(references);

	for (size_t i = 0; i < nr; i++) {
		const json_t *reference = json_array_get(references, i);

		if (json_is_true(json_object_get(reference, "controller")))
			return read_owner(reference, pod);
	}
	return 0;
}

static int read_names(const json_t *metadata, const json_t *spec, struct pod *pod)
{
	const char *name = pod_json_text(metadata, "name"),
		   *namespace = pod_json_text(metadata, "namespace");
	const char *node_name = pod_json_text(spec, "nodeName");

	if (!read_uid(pod_json_text(metadata, "uid"), pod->uid) || !pod_json_is_name(name) ||
	    !pod_json_is_name(namespace))
		return -EINVAL;
	pod->name = strdup(name);
	pod->namespace = strdup(namespace);
	pod->node_name = strdup(pod_json_is_name(node_name) ? node_name : "");
	return pod->name && pod->namespace && pod->node_name ? 0 : -ENOMEM;
}

static size_t measure_labels(const struct pod_label *labels, size_t nr)
{
	size_t size = nr * sizeof(*labels);

	for (size_t i = 0; i < nr; i++)
		size += strlen(labels[i].key) + strlen(labels[i].value) + 2;
	return size;
}

static size_t measure(const struct pod *pod)
{
	size_t size = sizeof(*pod) + pod->nr_containers * sizeof(*pod->containers) +
		      strlen(pod->name) + strlen(pod->namespace) + strlen(pod->node_name) +
		      strlen(pod->owner_kind) + strlen(pod->owner_name);

	for (size_t i = 0; i < pod->nr_containers; i++)
		size += strlen(pod->containers[i].name) + strlen(pod->containers[i].image);
	return size + measure_labels(pod->labels, pod->nr_labels) +
	       measure_labels(pod->annotations, pod->nr_annotations);
}

static int complete(const json_t *status, struct pod *pod)
{
	const char *phase = pod_json_text(status, "phase");

	pod->ended = phase && (strcmp(phase, "Succeeded") == 0 || strcmp(phase, "Failed") == 0);
	pod->owner_kind = pod->owner_kind ?: strdup("");
	pod->owner_name = pod->owner_name ?: strdup("");
	if (!pod->owner_kind || !pod->owner_name)
		return -ENOMEM;
	pod->nr_bytes = measure(pod);
	return 0;
}

int pod_from_json(const json_t *object, const struct pod_parse_options *options,
		  struct pod **ret_pod)
{
	const json_t *metadata = json_object_get(object, "metadata");
	const json_t *spec = json_object_get(object, "spec");
	const json_t *status = json_object_get(object, "status");
	json_t *annotations = json_object_get(metadata, "annotations");
	_cleanup_(pod_freep) struct pod *pod = calloc(1, sizeof(*pod));
	int r;

	if (!pod)
		return -ENOMEM;
	r = read_names(metadata, spec, pod);
	if (r)
		return r;
	pod->deleting = pod_json_text(metadata, "deletionTimestamp") != NULL;
	read_config_hash(annotations, pod);
	r = read_labels(json_object_get(metadata, "labels"), pod)
		    ?: read_annotations(annotations, options, pod)
		    ?: read_controller(json_object_get(metadata, "ownerReferences"), pod)
		    ?: pod_json_read_containers(spec, status, pod) ?: complete(status, pod);
	if (r)
		return r;
	*ret_pod = TAKE_PTR(pod);
	return 0;
}
