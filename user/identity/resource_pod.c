/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A new set in order of rank, since a set has room for so many: the most certain first. */
#include "identity/resource_pod.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define INSTANCE_ID "service.instance.id"

struct merge {
	struct attributes result;
	const struct attributes *set, *said, *pod;
	__u32 own_pid;
};

static bool is_of(const char *key, const char *namespace)
{
	return strncmp(key, namespace, strlen(namespace)) == 0;
}

/* Labels and annotations that were chosen: there may be any number of them. */
static bool is_chosen(const char *key)
{
	return is_of(key, "k8s.pod.label.") || is_of(key, "k8s.pod.annotation.");
}

static bool is_certain(const char *key)
{
	return is_of(key, "k8s.") || is_of(key, "container.");
}

/* One too many is left out, and counted by the set. */
static int put(struct merge *merge, const struct attribute *attribute)
{
	return attributes_put(&merge->result, attribute) == -ENOMEM ? -ENOMEM : 0;
}

static int put_who(struct merge *merge)
{
	static const char *const keys[] = {"process.pid", "service.name", INSTANCE_ID};
	int r = 0;

	for (size_t i = 0; !r && i < sizeof(keys) / sizeof(*keys); i++) {
		const struct attribute *own = attributes_get(merge->set, keys[i]);

		r = own ? put(merge, own) : 0;
	}
	return r;
}

static int put_certain(struct merge *merge, bool chosen)
{
	int r = 0;

	for (size_t i = 0; !r && i < merge->pod->nr; i++) {
		const char *key = merge->pod->items[i].key;

		if (is_certain(key) && is_chosen(key) == chosen)
			r = put(merge, &merge->pod->items[i]);
	}
	return r;
}

static int put_instance(struct merge *merge, const char *container)
{
	char text[ATTRIBUTE_MAX_TEXT];

	if (merge->own_pid <= 1)
		return attributes_put_text(&merge->result, INSTANCE_ID, container);
	snprintf(text, sizeof(text), "%s.%u", container, merge->own_pid);
	return attributes_put_text(&merge->result, INSTANCE_ID, text);
}

static int put_service(struct merge *merge)
{
	const char *instance = attributes_get_text(merge->pod, INSTANCE_ID);
	int r = 0;

	for (size_t i = 0; !r && i < merge->pod->nr; i++) {
		const struct attribute *attribute = &merge->pod->items[i];

		if (!is_certain(attribute->key) && !attributes_get(merge->said, attribute->key))
			r = put(merge, attribute);
	}
	if (!r && instance && !attributes_get(merge->said, INSTANCE_ID))
		r = put_instance(merge, instance);
	return r;
}

static int put_rest(struct merge *merge)
{
	int r = 0;

	for (size_t i = 0; !r && i < merge->set->nr; i++) {
		const struct attribute *attribute = &merge->set->items[i];

		if (attributes_get(&merge->result, attribute->key) ||
		    (is_of(attribute->key, "k8s.") && attributes_get(merge->said, attribute->key)))
			continue;
		r = put(merge, attribute);
	}
	return r;
}

/* What the process had said otherwise, and is not believed. */
static int put_host(struct merge *merge, const struct attributes *host)
{
	return host && attributes_add_missing(&merge->result, host) == -ENOMEM ? -ENOMEM : 0;
}

int resource_add_pod(struct attributes *set, const struct attributes *said,
		     const struct attributes *pod, __u32 own_pid,
		     const struct resource_options *options)
{
	struct merge merge = {.set = set, .said = said, .pod = pod, .own_pid = own_pid};
	int r = put_who(&merge)     ?: put_certain(&merge, false)
		?: put_service(&merge) ?: put_certain(&merge, true) ?: put_rest(&merge)
		?: put_host(&merge, options->host);

	r = r ?: resource_filter(&merge.result, options);
	if (r) {
		attributes_done(&merge.result);
		return r;
	}
	attributes_done(set);
	*set = merge.result;
	return 0;
}
