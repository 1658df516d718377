/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Container ids in the cgroup paths of the runtimes there are. */
#include "unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "identity/resource.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define INNER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "b7c3a1f2-5a4e-4a53-9d8e-1e2f3a4b5c6d"
#define UID_IN_SLICE "b7c3a1f2_5a4e_4a53_9d8e_1e2f3a4b5c6d"
#define POD_SLICE \
	"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod" UID_IN_SLICE ".slice"

static void ids_are_found(void **state)
{
	static const struct {
		const char *cgroup, *id;
	} cases[] = {
		{"/docker/" ID, ID},
		{"/system.slice/docker-" ID ".scope", ID},
		{"/system.slice/docker-" ID ".scope/init.scope", ID},
		{"/kubepods/burstable/pod" UID "/" ID, ID},
		{"/kubepods/besteffort/pod" UID "/" ID "/worker", ID},
		{POD_SLICE "/cri-containerd-" ID ".scope", ID},
		{POD_SLICE "/crio-" ID ".scope", ID},
		{POD_SLICE "/crio-" ID ".scope/container", ID},
		{POD_SLICE "/docker-" ID ".scope", ID},
		{"/machine.slice/libpod-" ID ".scope/container", ID},
		{"/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-" ID ".scope",
		 ID},
		{"/libpod_parent/libpod-" ID, ID},
		{"/ecs/tasks/" ID, ID},
		{"/system.slice/containerd.service/kubepods-pod" UID ".slice:cri-containerd:" ID,
		 ID},
		/* the agent's cgroup namespace is not the root one */
		{"/../../pod" UID "/" ID, ID},
		/* a node that is itself a container: the innermost */
		{"/docker/" ID "/kubelet/kubepods/pod" UID "/" INNER, INNER},
		{"/system.slice/docker-" ID ".scope/kubelet.slice/kubelet-kubepods.slice/"
		 "cri-containerd-" INNER ".scope",
		 INNER},
		{"/docker/" ID "/system.slice/ssh.service", ID},
		/* conmon of a container within a container */
		{"/docker/" ID "/machine.slice/libpod-conmon-" INNER ".scope", ID},
		{ID, ID},
	};
	char id[CONTAINER_ID_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (!container_id_of_cgroup(cases[i].cgroup, id))
			fail_msg("no id in %s", cases[i].cgroup);
		assert_string_equal(id, cases[i].id);
	}
}

static void others_have_none(void **state)
{
	static const char *const cgroups[] = {
		"",
		"/",
		"//",
		"/system.slice/nginx.service",
		"/system.slice/containerd.service",
		"/user.slice/user-1000.slice/session-3.scope",
		"/machine.slice/libpod-conmon-" ID ".scope",
		POD_SLICE "/crio-conmon-" ID ".scope",
		POD_SLICE,
		"/docker/" ID "0",                         /* 65 digits */
		"/docker/0" ID,                            /* and before */
		"/docker/0123456789abcdef",                /* too few */
		"/docker/" ID ".service",                  /* not a scope */
		"/docker/" ID ".scope.scope",              /* twice */
		"/docker/" ID "-init",                     /* behind it */
		"/docker/012345678/9abcdef" ID "/../0" ID, /* across a slash */
		"/docker/0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
		".scope",
	};
	char id[CONTAINER_ID_LEN] = "unchanged";

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cgroups); i++) {
		if (container_id_of_cgroup(cgroups[i], id))
			fail_msg("%s in %s", id, cgroups[i]);
	}
	assert_string_equal(id, "unchanged");
}

/* Every byte of it on the heap, for the sanitizer to see a step beyond. */
static void paths_of_4_KiB(void **state)
{
	char *cgroup = malloc(4097), id[CONTAINER_ID_LEN];

	(void)state;
	assert_non_null(cgroup);
	memset(cgroup, 'a', 4096);
	cgroup[4096] = '\0';
	assert_false(container_id_of_cgroup(cgroup, id));
	cgroup[4096 - 65] = '/';
	assert_true(container_id_of_cgroup(cgroup, id));
	assert_memory_equal(id, cgroup + 4096 - 64, CONTAINER_ID_LEN);
	memset(cgroup, '/', 4096);
	assert_false(container_id_of_cgroup(cgroup, id));
	free(cgroup);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_found),
		cmocka_unit_test(others_have_none),
		cmocka_unit_test(paths_of_4_KiB),
	};

	return cmocka_run_group_tests_name("container_id", tests, NULL, NULL);
}
