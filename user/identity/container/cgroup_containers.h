/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the path of a cgroup tells: containers, pods, the systemd unit. Every runtime and
 * cgroup driver has a layout of its own; the table of tests/unit/test_cgroup_containers.c
 * lists those that are understood. Pure, and the path is hostile: who may make
 * cgroups may name them as they like.
 */
#ifndef LOOPSCOPE_CGROUP_CONTAINERS_H
#define LOOPSCOPE_CGROUP_CONTAINERS_H

#include <stdbool.h>
#include <stddef.h>

#define CONTAINER_ID_LEN 65 /* 64 hexadecimal digits and a terminator */
#define POD_UID_LEN 37      /* a UUID with dashes, or 32 hexadecimal digits of a static pod */
#define CGROUP_UNIT_LEN 256
#define CGROUP_MAX_CONTAINERS 4 /* one in another: a node that is a container, say */

enum container_runtime {
	CONTAINER_RUNTIME_UNKNOWN, /* its layout does not tell */
	CONTAINER_RUNTIME_CONTAINERD,
	CONTAINER_RUNTIME_CRIO,
	CONTAINER_RUNTIME_DOCKER,
	CONTAINER_RUNTIME_PODMAN,
};

enum pod_qos {
	POD_QOS_UNKNOWN,
	POD_QOS_GUARANTEED,
	POD_QOS_BURSTABLE,
	POD_QOS_BEST_EFFORT,
};

struct cgroup_container {
	char id[CONTAINER_ID_LEN]; /* "": a pod's own cgroup, in none of its containers */
	char pod_uid[POD_UID_LEN]; /* as the API writes it, in lower case; "": in no pod */
	enum pod_qos qos;
	enum container_runtime runtime;
};

struct cgroup_containers {
	struct cgroup_container items[CGROUP_MAX_CONTAINERS]; /* the outermost first */
	size_t nr; /* of more, the outermost are kept: a container names those in it as it likes */
	/* Innermost systemd unit of host or container: "nginx.service"; "": none. Not that of a
	 * container's own scope or a pod's slice. */
	char unit[CGROUP_UNIT_LEN];
};

void cgroup_containers_parse(const char *path, struct cgroup_containers *ret_containers);

/*
 * The one that attributes speak of: the innermost that is a pod's (what runs in a container that
 * the pod made itself still is that pod's), else the innermost. NULL: none.
 */
const struct cgroup_container *cgroup_containers_main(const struct cgroup_containers *containers);

/* "containerd", "cri-o", "docker", "podman", as container.runtime.name has it; "": not known. */
const char *container_runtime_name(enum container_runtime runtime);

#endif
