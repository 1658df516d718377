/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The input is the path of a cgroup. Whatever it is, ids and uids must be such, in the form that
 * they are looked up by, and no text may hold what the path does not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/container/cgroup_containers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static bool is_hexadecimal(const char *text, size_t length)
{
	return strspn(text, "0123456789abcdef") == length;
}

static bool is_uuid(const char *text)
{
	static const size_t dashes[] = {8, 13, 18, 23};
	char digits[POD_UID_LEN];
	size_t nr = 0;

	for (size_t i = 0; i < sizeof(dashes) / sizeof(dashes[0]); i++) {
		if (text[dashes[i]] != '-')
			return false;
	}
	for (; *text; text++) {
		if (*text != '-')
			digits[nr++] = *text;
	}
	digits[nr] = '\0';
	return nr == 32 && is_hexadecimal(digits, 32);
}

static void check_container(const char *path, const struct cgroup_container *container)
{
	bool in_pod = *container->pod_uid, has_id = *container->id;

	require(in_pod || has_id);
	require(memchr(container->id, '\0', sizeof(container->id)));
	require(memchr(container->pod_uid, '\0', sizeof(container->pod_uid)));
	if (has_id)
		require(strlen(container->id) == CONTAINER_ID_LEN - 1 &&
			is_hexadecimal(container->id, CONTAINER_ID_LEN - 1) &&
			strstr(path, container->id));
	if (in_pod)
		require(strlen(container->pod_uid) <= strlen(path) &&
			((strlen(container->pod_uid) == 32 &&
			  is_hexadecimal(container->pod_uid, 32)) ||
			 (strlen(container->pod_uid) == 36 && is_uuid(container->pod_uid))));
	require(container->qos <= POD_QOS_BEST_EFFORT && (in_pod || !container->qos));
	require(container->runtime <= CONTAINER_RUNTIME_PODMAN && (has_id || !container->runtime));
	require(*container_runtime_name(container->runtime) || !container->runtime);
}

static void check_unit(const char *path, const char *unit)
{
	require(memchr(unit, '\0', CGROUP_UNIT_LEN));
	require(strstr(path, unit) && !strchr(unit, '/'));
	for (const char *c = unit; *c; c++)
		require(*c > ' ' && *c < 0x7f);
}

static void check_main(const struct cgroup_containers *found)
{
	const struct cgroup_container *container = cgroup_containers_main(found);
	bool any_pod = false;

	for (size_t i = 0; i < found->nr; i++)
		any_pod |= *found->items[i].pod_uid != '\0';
	require(!container == !found->nr);
	require(!any_pod || *container->pod_uid);
}

static bool is_same(const struct cgroup_container *a, const struct cgroup_container *b)
{
	return !strcmp(a->id, b->id) && !strcmp(a->pod_uid, b->pod_uid) && a->qos == b->qos &&
	       a->runtime == b->runtime;
}

/* A cgroup that a process has made within its own says nothing new, whatever is in its name. */
static void check_within(const char *path, const struct cgroup_containers *found)
{
	_cleanup_(freep) char *within = malloc(strlen(path) + sizeof("/worker-1"));
	struct cgroup_containers again;

	require(within);
	strcat(strcpy(within, path), "/worker-1");
	cgroup_containers_parse(within, &again);
	require(again.nr == found->nr && !strcmp(again.unit, found->unit));
	for (size_t i = 0; i < found->nr; i++)
		require(is_same(&again.items[i], &found->items[i]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(freep) char *path = strndup((const char *)data, size);
	struct cgroup_containers found;

	require(path);
	memset(&found, 0xff, sizeof(found));
	cgroup_containers_parse(path, &found);
	require(found.nr <= CGROUP_MAX_CONTAINERS);
	for (size_t i = 0; i < found.nr; i++)
		check_container(path, &found.items[i]);
	check_unit(path, found.unit);
	check_main(&found);
	check_within(path, &found);
	return 0;
}
