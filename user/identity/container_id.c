/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The container's id in a cgroup path. Runtimes name a container's cgroup by its id of 64
 * hexadecimal digits, with what they like before it and `.scope` after it where systemd has
 * made the cgroup:
 *
 *	/docker/ID                        /system.slice/docker-ID.scope
 *	/kubepods/burstable/podUID/ID     /kubepods.slice/.../cri-containerd-ID.scope
 *	/ecs/TASK/ID                      /machine.slice/libpod-ID.scope/container
 *	/system.slice/containerd.service/kubepods-podUID.slice:cri-containerd:ID
 *
 * Of nested ones the innermost counts. conmon, which watches over a container of crio or
 * podman, has a scope beside it that is named alike and is none.
 */
#include <string.h>

#include "identity/resource.h"

#define ID_LEN (CONTAINER_ID_LEN - 1)
#define SCOPE ".scope"

static bool is_hexadecimal(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
			return false;
	}
	return true;
}

/* The id that the component of a path ends with, or NULL. */
static const char *id_of_component(const char *component, size_t length)
{
	size_t scope = strlen(SCOPE), before;

	if (length > scope && memcmp(component + length - scope, SCOPE, scope) == 0)
		length -= scope;
	if (length < ID_LEN)
		return NULL;
	before = length - ID_LEN;
	if (!is_hexadecimal(component + before, ID_LEN))
		return NULL;
	if (before && component[before - 1] != '-' && component[before - 1] != ':')
		return NULL;
	if (memmem(component, before, "conmon", strlen("conmon")))
		return NULL;
	return component + before;
}

bool container_id_of_cgroup(const char *cgroup, char ret_id[CONTAINER_ID_LEN])
{
	const char *id = NULL;

	for (const char *at = cgroup; *at;) {
		size_t length = strcspn(at, "/");
		const char *found = id_of_component(at, length);

		id = found ?: id;
		at += length + (at[length] == '/');
	}
	if (!id)
		return false;
	memcpy(ret_id, id, ID_LEN);
	ret_id[ID_LEN] = '\0';
	return true;
}
