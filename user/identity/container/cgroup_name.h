/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the name of a single cgroup tells: a part of a path, between two slashes. Pure. */
#ifndef LOOPSCOPE_CGROUP_NAME_H
#define LOOPSCOPE_CGROUP_NAME_H

#include "identity/container/cgroup_containers.h"

/* A stretch of the path, not terminated. */
struct part {
	const char *text;
	size_t length;
};

bool part_equals(struct part part, const char *text);
bool part_starts_with(struct part part, const char *text);
bool part_ends_with(struct part part, const char *text);

/* Without `text` at its start, or at its end, if it is there. */
struct part part_without_start(struct part part, const char *text);
struct part part_without_end(struct part part, const char *text);

/*
 * podUID, or kubepods-burstable-podUID.slice. ret_above is what the class of the pod is told by:
 * what is before it in the slice's name, or else `parent`.
 */
bool cgroup_name_of_pod(struct part name, struct part parent, char ret_uid[POD_UID_LEN],
			struct part *ret_above);

/* Of a pod below kubepods, kubepods/burstable, ...; or kubelet-kubepods-burstable, ... */
enum pod_qos cgroup_name_qos(struct part above);

/* ID, prefix-ID or prefix:ID, and perhaps .scope: what is before the id, and the id. */
bool cgroup_name_of_container(struct part name, struct part *ret_prefix,
			      char ret_id[CONTAINER_ID_LEN]);

/* Of a service, scope, ... of systemd's; of a slice or what is no unit, ret_unit stays as it is. */
void cgroup_name_of_unit(struct part name, char ret_unit[CGROUP_UNIT_LEN]);

#endif
