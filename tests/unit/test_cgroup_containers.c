/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Containers, pods and units out of cgroups' paths: the table of cgroup_paths.c, and bounds. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cgroup_paths.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "b7c3a1f2-5a4e-4a53-9d8e-1e2f3a4b5c6d"

static bool is_nothing(const struct cgroup_container *container)
{
	return !*container->id && !*container->pod_uid;
}

static void check_container(const char *path, const struct cgroup_container *found,
			    const struct cgroup_container *expected)
{
	if (strcmp(found->id, expected->id) != 0 ||
	    strcmp(found->pod_uid, expected->pod_uid) != 0 || found->qos != expected->qos ||
	    found->runtime != expected->runtime)
		fail_msg("%s: id '%s', pod '%s', class %d, runtime %d, expected '%s', '%s', %d, %d",
			 path, found->id, found->pod_uid, found->qos, found->runtime, expected->id,
			 expected->pod_uid, expected->qos, expected->runtime);
}

static void paths_are_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < nr_cgroup_paths; i++) {
		const struct cgroup_path *row = &cgroup_paths[i];
		struct cgroup_containers found;
		size_t nr = 0;

		while (nr < CGROUP_MAX_CONTAINERS && !is_nothing(&row->containers[nr]))
			nr++;
		memset(&found, 0xff, sizeof(found));
		cgroup_containers_parse(row->path, &found);
		if (found.nr != nr)
			fail_msg("%s: %zu containers, expected %zu", row->path, found.nr, nr);
		for (size_t j = 0; j < nr; j++)
			check_container(row->path, &found.items[j], &row->containers[j]);
		if (strcmp(found.unit, row->unit) != 0)
			fail_msg("%s: unit '%s', expected '%s'", row->path, found.unit, row->unit);
	}
}

static void uids_are_in_lower_case(void **state)
{
	struct cgroup_containers found;

	(void)state;
	cgroup_containers_parse("/kubepods/podB7C3A1F2-5a4e-4A53-9d8e-1e2f3a4b5c6D", &found);
	assert_int_equal(found.nr, 1);
	assert_string_equal(found.items[0].pod_uid, UID);
}

static void main_is_of_the_innermost_pod(void **state)
{
	struct cgroup_containers found = {
		.items = {{.id = "a"}, {.id = "b", .pod_uid = "p"}, {.id = "c", .pod_uid = "q"}},
	};

	(void)state;
	assert_null(cgroup_containers_main(&found));
	found.nr = 1;
	assert_string_equal(cgroup_containers_main(&found)->id, "a");
	found.nr = 3;
	assert_string_equal(cgroup_containers_main(&found)->id, "c");
	found.items[2].pod_uid[0] = '\0';
	assert_string_equal(cgroup_containers_main(&found)->id, "b");
	found.items[1].pod_uid[0] = '\0';
	assert_string_equal(cgroup_containers_main(&found)->id, "c");
}

/* Not what a process in the outermost could make up to get rid of it. */
static void outermost_are_kept(void **state)
{
	char path[2048] = "", id[CONTAINER_ID_LEN] = ID;
	struct cgroup_containers found;

	(void)state;
	for (char c = '1'; c <= '9'; c++) {
		id[0] = c;
		strcat(strcat(path, "/docker/"), id);
	}
	strcat(path, "/kubepods/pod" UID "/" ID);
	cgroup_containers_parse(path, &found);
	assert_int_equal(found.nr, CGROUP_MAX_CONTAINERS);
	for (size_t i = 0; i < found.nr; i++) {
		assert_int_equal(found.items[i].id[0], '1' + i);
		assert_int_equal(found.items[i].runtime, CONTAINER_RUNTIME_DOCKER);
		assert_string_equal(found.items[i].pod_uid, "");
	}
}

/* A pod for which there is no room has no container that could become another's. */
static void pods_beyond_are_left_out_whole(void **state)
{
	struct cgroup_containers found;

	(void)state;
	cgroup_containers_parse("/docker/" ID "/docker/" ID "/docker/" ID "/kubepods/pod" UID
				"/kubepods/pod" UID "/" ID "/system.slice/nginx.service",
				&found);
	assert_int_equal(found.nr, CGROUP_MAX_CONTAINERS);
	assert_string_equal(found.items[3].pod_uid, UID);
	assert_string_equal(found.items[3].id, "");
	assert_string_equal(found.unit, "nginx.service");
}

/* Every byte of it on the heap, for the sanitizer to see a step beyond. */
static void paths_of_4_KiB(void **state)
{
	struct cgroup_containers found;
	char *path = malloc(4097);

	(void)state;
	assert_non_null(path);
	memset(path, 'a', 4096);
	path[4096] = '\0';
	cgroup_containers_parse(path, &found);
	assert_int_equal(found.nr, 0);
	path[4096 - 65] = '/';
	cgroup_containers_parse(path, &found);
	assert_int_equal(found.nr, 1);
	assert_memory_equal(found.items[0].id, path + 4096 - 64, CONTAINER_ID_LEN);
	memset(path, '/', 4096);
	cgroup_containers_parse(path, &found);
	assert_int_equal(found.nr, 0);
	memset(path, 'p', 4096);
	cgroup_containers_parse(path, &found);
	assert_int_equal(found.nr, 0);
	free(path);
}

static void long_units_are_none(void **state)
{
	char path[CGROUP_UNIT_LEN + 2];
	struct cgroup_containers found;

	(void)state;
	memset(path, 'x', sizeof(path));
	strcpy(path + sizeof(path) - sizeof(".service"), ".service");
	cgroup_containers_parse(path + 1, &found);
	assert_string_equal(found.unit, "");
	cgroup_containers_parse(path + 2, &found);
	assert_int_equal(strlen(found.unit), CGROUP_UNIT_LEN - 1);
}

static void runtimes_have_names(void **state)
{
	(void)state;
	assert_string_equal(container_runtime_name(CONTAINER_RUNTIME_UNKNOWN), "");
	assert_string_equal(container_runtime_name(CONTAINER_RUNTIME_CONTAINERD), "containerd");
	assert_string_equal(container_runtime_name(CONTAINER_RUNTIME_CRIO), "cri-o");
	assert_string_equal(container_runtime_name(CONTAINER_RUNTIME_DOCKER), "docker");
	assert_string_equal(container_runtime_name(CONTAINER_RUNTIME_PODMAN), "podman");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_told),
		cmocka_unit_test(uids_are_in_lower_case),
		cmocka_unit_test(main_is_of_the_innermost_pod),
		cmocka_unit_test(outermost_are_kept),
		cmocka_unit_test(pods_beyond_are_left_out_whole),
		cmocka_unit_test(paths_of_4_KiB),
		cmocka_unit_test(long_units_are_none),
		cmocka_unit_test(runtimes_have_names),
	};

	return cmocka_run_group_tests_name("cgroup_containers", tests, NULL, NULL);
}
