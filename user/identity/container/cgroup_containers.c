/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The path is read from the root inwards, and each name in it says what it is: a pod's cgroup,
 * one of a container in it, of a container of no pod, of a systemd unit, or none of these.
 */
#include "identity/container/cgroup_containers.h"

#include <string.h>

#include "identity/container/cgroup_name.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

struct walk {
	struct cgroup_containers *found;
	struct cgroup_container *pod;    /* the next container is one of it; NULL: of none */
	struct part parent, grandparent; /* of the name that is looked at */
};

struct runtime_name {
	const char *name;
	enum container_runtime runtime;
};

static enum container_runtime runtime_of(const struct runtime_name *names, size_t nr_names,
					 struct part name)
{
	for (size_t i = 0; i < nr_names; i++) {
		if (part_equals(name, names[i].name))
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
	};

	if (part_equals(walk->grandparent, "ecs")) /* /ecs/TASK/ID */
		return CONTAINER_RUNTIME_DOCKER;
	return runtime_of(parents, ARRAY_SIZE(parents), walk->parent);
}

/* A new innermost one; NULL: there is no room. */
static struct cgroup_container *add(struct cgroup_containers *found)
{
	return found->nr < CGROUP_MAX_CONTAINERS ? &found->items[found->nr++] : NULL;
}

static bool take_pod(struct walk *walk, struct part name)
{
	char uid[POD_UID_LEN];
	struct part above;

	if (!cgroup_name_of_pod(name, walk->parent, uid, &above))
		return false;
	walk->found->unit[0] = '\0';
	walk->pod = add(walk->found);
	if (walk->pod) {
		memcpy(walk->pod->pod_uid, uid, sizeof(uid));
		walk->pod->qos = cgroup_name_qos(above);
	}
	return true;
}

/* What is named by an id as containers are, and is none. */
static bool is_beside(const struct walk *walk, struct part prefix)
{
	return part_ends_with(prefix, "conmon") || /* watches over one of CRI-O or podman */
	       (!prefix.length &&
		(part_equals(walk->parent, "libpod_parent") || /* a pod of podman */
		 part_equals(walk->parent, "kata_overhead")));
}

static bool take_container(struct walk *walk, struct part name)
{
	struct cgroup_container *container;
	char id[CONTAINER_ID_LEN];
	struct part prefix;

	if (!cgroup_name_of_container(name, &prefix, id))
		return false;
	if (is_beside(walk, prefix))
		return true;
	if (!part_equals(prefix, "libpod-payload")) /* that is in the unit which was made for it */
		walk->found->unit[0] = '\0';        /* what runs it is not what runs in it */
	container = walk->pod ?: add(walk->found);
	walk->pod = NULL; /* what is within a container is not the pod's own */
	if (container) {
		memcpy(container->id, id, sizeof(id));
		container->runtime =
			prefix.length ? runtime_of_prefix(prefix) : runtime_of_place(walk);
	}
	return true;
}

/* Of LXC and Garden, whose containers have names, not ids. */
static bool take_named_container(struct walk *walk, struct part name)
{
	if (!part_equals(name, "lxc") && !part_equals(name, "garden") &&
	    !part_starts_with(name, "lxc.payload"))
		return false;
	walk->found->unit[0] = '\0';
	return true;
}

static void take_name(struct walk *walk, struct part name)
{
	if (!take_pod(walk, name) && !take_container(walk, name) &&
	    !take_named_container(walk, name))
		cgroup_name_of_unit(name, walk->found->unit);
	walk->grandparent = walk->parent;
	walk->parent = name;
}

/* Of a runtime that was to have systemd make PREFIX-ID.scope below a slice, and made it itself. */
static void take(struct walk *walk, struct part name)
{
	const char *colon = memmem(name.text, name.length, ".slice:", strlen(".slice:"));

	if (colon) {
		struct part slice = {name.text, colon - name.text + strlen(".slice")};

		take_name(walk, slice);
		name.text += slice.length + 1;
		name.length -= slice.length + 1;
	}
	take_name(walk, name);
}

void cgroup_containers_parse(const char *path, struct cgroup_containers *ret_containers)
{
	struct walk walk = {.found = ret_containers, .parent = {path, 0}, .grandparent = {path, 0}};

	*ret_containers = (struct cgroup_containers){};
	for (const char *at = path; *at;) {
		struct part name = {at, strcspn(at, "/")};

		if (name.length)
			take(&walk, name);
		at += name.length + (at[name.length] == '/');
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
