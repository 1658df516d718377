/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A path is read from the root inwards, and each of its parts says what it is: a pod's cgroup,
 * then one of a container of it, or a container's of no pod, or a systemd unit's. Runtimes name a
 * container's cgroup by its id of 64 hexadecimal digits, with what they like before it and
 * `.scope` after it where systemd has made the cgroup; the kubelet names a pod's by its uid.
 */
#include "identity/container/cgroup_containers.h"

#include <string.h>

#define ID_LEN (CONTAINER_ID_LEN - 1)
#define UUID_LEN 36
#define HASH_LEN 32 /* of a static pod's configuration, in place of a UUID */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* A stretch of the path. */
struct part {
	const char *text;
	size_t length;
};

struct walk {
	struct cgroup_containers *found;
	struct part parent, grandparent; /* of the part that is looked at */
};

static bool equals(struct part part, const char *text)
{
	return part.length == strlen(text) && memcmp(part.text, text, part.length) == 0;
}

static bool starts_with(struct part part, const char *text)
{
	size_t length = strlen(text);

	return part.length >= length && memcmp(part.text, text, length) == 0;
}

static bool ends_with(struct part part, const char *text)
{
	size_t length = strlen(text);

	return part.length >= length && memcmp(part.text + part.length - length, text, length) == 0;
}

static struct part without_end(struct part part, const char *text)
{
	if (ends_with(part, text))
		part.length -= strlen(text);
	return part;
}

static bool is_hexadecimal(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static void copy(char *ret_text, struct part part)
{
	memcpy(ret_text, part.text, part.length);
	ret_text[part.length] = '\0';
}

/* A new innermost one. */
static struct cgroup_container *add(struct cgroup_containers *found)
{
	struct cgroup_container *items = found->items;

	if (found->nr == CGROUP_MAX_CONTAINERS) {
		memmove(&items[0], &items[1], sizeof(items[0]) * --found->nr);
		items[found->nr] = (struct cgroup_container){};
	}
	return &items[found->nr++];
}

/* How many bytes of the text are a dash: systemd gives it another meaning in a slice's name. */
static size_t dash_length(struct part text)
{
	if (starts_with(text, "\\x2d"))
		return strlen("\\x2d");
	return starts_with(text, "-") || starts_with(text, "_");
}

static bool read_uid(struct part text, char ret_uid[POD_UID_LEN])
{
	char uid[POD_UID_LEN] = "";
	size_t nr = 0, nr_dashes = 0;

	while (text.length) {
		size_t dash = dash_length(text), step = dash ?: 1;
		char c = *text.text;

		if (c >= 'A' && c <= 'F')
			c += 'a' - 'A';
		if (dash ? nr != 8 && nr != 13 && nr != 18 && nr != 23 : !is_hexadecimal(c))
			return false;
		if (nr == UUID_LEN)
			return false;
		uid[nr++] = dash ? '-' : c;
		nr_dashes += !!dash;
		text.text += step;
		text.length -= step;
	}
	if (!(nr == UUID_LEN && nr_dashes == 4) && !(nr == HASH_LEN && nr_dashes == 0))
		return false;
	memcpy(ret_uid, uid, sizeof(uid));
	return true;
}

/* Of a pod below kubepods, kubepods/burstable, ...; or kubelet-kubepods-burstable, ... */
static enum pod_qos qos_of(struct part above)
{
	static const struct {
		const char *name;
		enum pod_qos qos;
	} classes[] = {
		{"burstable", POD_QOS_BURSTABLE},
		{"besteffort", POD_QOS_BEST_EFFORT},
		{"kubepods", POD_QOS_GUARANTEED},
	};

	for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
		struct part root = without_end(above, classes[i].name);

		if (root.length != above.length && (!root.length || ends_with(root, "-")))
			return classes[i].qos;
	}
	return POD_QOS_UNKNOWN;
}

/* podUID, or kubepods-burstable-podUID.slice. */
static bool take_pod(const struct walk *walk, struct part part)
{
	struct part name = without_end(part, ".slice"), above = walk->parent, uid;
	const char *p = memrchr(name.text, 'p', name.length); /* no digit is a p */
	struct cgroup_container *pod;
	char text[POD_UID_LEN];

	if (!p)
		return false;
	uid = (struct part){p, name.text + name.length - p};
	if (!starts_with(uid, "pod"))
		return false;
	uid.text += strlen("pod");
	uid.length -= strlen("pod");
	if (p != name.text) {
		above = (struct part){name.text, p - name.text - 1};
		if (p[-1] != '-')
			return false;
	}
	if (!read_uid(uid, text))
		return false;
	pod = add(walk->found);
	walk->found->unit[0] = '\0';
	memcpy(pod->pod_uid, text, sizeof(text));
	pod->qos = qos_of(above);
	return true;
}

/* Of ID, or prefix-ID, or prefix:ID: what is before it, and the id. */
static bool split_id(struct part part, struct part *ret_prefix, struct part *ret_id)
{
	struct part name = without_end(part, ".scope"), id, prefix;

	if (name.length < ID_LEN)
		return false;
	prefix = (struct part){name.text, name.length - ID_LEN};
	id = (struct part){name.text + prefix.length, ID_LEN};
	for (size_t i = 0; i < ID_LEN; i++) {
		if (!is_hexadecimal(id.text[i]))
			return false;
	}
	if (prefix.length) {
		prefix.length--;
		if (prefix.text[prefix.length] != '-' && prefix.text[prefix.length] != ':')
			return false;
	}
	*ret_prefix = prefix;
	*ret_id = id;
	return true;
}

struct runtime_name {
	const char *name;
	enum container_runtime runtime;
};

static enum container_runtime runtime_of(const struct runtime_name *names, size_t nr_names,
					 struct part name)
{
	for (size_t i = 0; i < nr_names; i++) {
		if (equals(name, names[i].name))
			return names[i].runtime;
	}
	return CONTAINER_RUNTIME_UNKNOWN;
}

static enum container_runtime runtime_of_prefix(struct part prefix)
{
	static const struct runtime_name names[] = {
		{"cri-containerd", CONTAINER_RUNTIME_CONTAINERD},
		{"nerdctl", CONTAINER_RUNTIME_CONTAINERD},
		{"crio", CONTAINER_RUNTIME_CRIO},
		{"docker", CONTAINER_RUNTIME_DOCKER},
		{"libpod", CONTAINER_RUNTIME_PODMAN},
		{"libpod-payload", CONTAINER_RUNTIME_PODMAN},
	};

	return runtime_of(names, ARRAY_SIZE(names), prefix);
}

static enum container_runtime runtime_of_place(const struct walk *walk)
{
	static const struct runtime_name parents[] = {
		{"docker", CONTAINER_RUNTIME_DOCKER},
		{"default", CONTAINER_RUNTIME_CONTAINERD}, /* its namespaces */
		{"k8s.io", CONTAINER_RUNTIME_CONTAINERD},
		{"crio", CONTAINER_RUNTIME_CRIO},
	};

	if (equals(walk->grandparent, "ecs")) /* /ecs/TASK/ID */
		return CONTAINER_RUNTIME_DOCKER;
	return runtime_of(parents, ARRAY_SIZE(parents), walk->parent);
}

/* What is named by an id as containers are, and is none. */
static bool is_beside(const struct walk *walk, struct part prefix)
{
	return ends_with(prefix, "conmon") || /* watches over a container of crio or podman */
	       (!prefix.length && (equals(walk->parent, "libpod_parent") || /* a pod of podman */
				   equals(walk->parent, "kata_overhead")));
}

static bool take_container(const struct walk *walk, struct part part)
{
	struct cgroup_containers *found = walk->found;
	struct cgroup_container *container;
	struct part prefix, id;

	if (!split_id(part, &prefix, &id))
		return false;
	if (is_beside(walk, prefix))
		return true;
	if (found->nr && !*found->items[found->nr - 1].id)
		container = &found->items[found->nr - 1]; /* of this pod */
	else
		container = add(found);
	if (!equals(prefix, "libpod-payload")) /* that is within the unit which was made for it */
		found->unit[0] = '\0';         /* what runs a container is not what runs in it */
	copy(container->id, id);
	container->runtime = prefix.length ? runtime_of_prefix(prefix) : runtime_of_place(walk);
	return true;
}

/* Of LXC and Garden, whose containers have names, not ids. */
static bool take_named_container(const struct walk *walk, struct part part)
{
	if (!equals(part, "lxc") && !equals(part, "garden") && !starts_with(part, "lxc.payload"))
		return false;
	walk->found->unit[0] = '\0';
	return true;
}

static bool is_unit(struct part part)
{
	static const char *const kinds[] = {".service", ".scope", ".socket", ".mount", ".swap"};

	if (part.length >= CGROUP_UNIT_LEN)
		return false;
	for (size_t i = 0; i < part.length; i++) {
		char c = part.text[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    (!c || !strchr(":-_.\\@", c)))
			return false;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (ends_with(part, kinds[i]) && part.length > strlen(kinds[i]))
			return true;
	}
	return false;
}

static void take_unit(const struct walk *walk, struct part part)
{
	if (starts_with(part, "_")) { /* systemd's, where a file of the kernel's could be meant */
		part.text++;
		part.length--;
	}
	if (is_unit(part))
		copy(walk->found->unit, part);
}

static void take(struct walk *walk, struct part part)
{
	if (!take_pod(walk, part) && !take_container(walk, part) &&
	    !take_named_container(walk, part))
		take_unit(walk, part);
	walk->grandparent = walk->parent;
	walk->parent = part;
}

/* runc, told to make a unit of systemd's without systemd: PARENT.slice:PREFIX:ID */
static void take_component(struct walk *walk, struct part part)
{
	const char *colon = memmem(part.text, part.length, ".slice:", strlen(".slice:"));

	if (colon) {
		struct part slice = {part.text, colon - part.text + strlen(".slice")};

		take(walk, slice);
		part.text += slice.length + 1;
		part.length -= slice.length + 1;
	}
	take(walk, part);
}

void cgroup_containers_parse(const char *path, struct cgroup_containers *ret_containers)
{
	struct walk walk = {.found = ret_containers, .parent = {path, 0}, .grandparent = {path, 0}};

	*ret_containers = (struct cgroup_containers){};
	for (const char *at = path; *at;) {
		struct part part = {at, strcspn(at, "/")};

		if (part.length)
			take_component(&walk, part);
		at += part.length + (at[part.length] == '/');
	}
}

const struct cgroup_container *cgroup_containers_main(const struct cgroup_containers *containers)
{
	for (size_t i = containers->nr; i--;) {
		if (*containers->items[i].pod_uid)
			return &containers->items[i];
	}
	return containers->nr ? &containers->items[containers->nr - 1] : NULL;
}

const char *container_runtime_name(enum container_runtime runtime)
{
	static const char *const names[] = {
		[CONTAINER_RUNTIME_UNKNOWN] = "",
		[CONTAINER_RUNTIME_CONTAINERD] = "containerd",
		[CONTAINER_RUNTIME_CRIO] = "cri-o",
		[CONTAINER_RUNTIME_DOCKER] = "docker",
		[CONTAINER_RUNTIME_PODMAN] = "podman",
	};

	return names[runtime];
}
