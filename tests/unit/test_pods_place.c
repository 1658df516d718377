/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What the store knows of the container that a process is in. */
#include "unit.h"

#include <string.h>

#include "identity/kubernetes/pods_runs.h"
#include "pods_fixture.h"

static struct pods *roomy_pods(void)
{
	const struct pods_options options = {
		.max_pods = 100, .max_bytes = 1000000, .grace_ns = 1000};
	struct pods *pods;

	assert_int_equal(pods_new(&options, &pods), 0);
	return pods;
}

static struct pod *mirror_pod(const char *uid, const char *hash)
{
	struct pod *pod = fixture_pod(uid);

	strcpy(pod->config_hash, hash);
	return pod;
}

/* Of each run that a status told of, and of the one before that, the very restart_count. */
static void test_crash_loop(void **state)
{
	struct pods *pods = roomy_pods();
	char id[16], previous_id[16];

	(void)state;
	for (int run = 0; run < 60; run += 2) { /* each second status is missed */
		snprintf(id, sizeof(id), "run-%d", run);
		snprintf(previous_id, sizeof(previous_id), run ? "run-%d" : "", run - 1);
		pods_put(pods, fixture_pod_with("a", id, previous_id, run), run);
		fixture_check_place(pods, "a", id, POD_KNOWN, run);
	}
	for (int run = 0; run < 59; run++) {
		bool known = run > 58 - PODS_MAX_RUNS;

		snprintf(id, sizeof(id), "run-%d", run);
		fixture_check_place(pods, "a", id, known ? POD_KNOWN : POD_CONTAINER_UNKNOWN, run);
		assert_int_equal(!!pods_of_container(pods, id), known);
	}
	fixture_check_place(pods, "a", "run-59", POD_CONTAINER_UNKNOWN, 0); /* not told of yet */
	pods_free(pods);
}

/* What a status said of a run itself holds, whatever a later one lets suppose. */
static void test_certain_restart_count(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, fixture_pod_with("a", "1", "", 4), 0);
	pods_put(pods, fixture_pod_with("a", "2", "1", 0), 0); /* the node forgot how often */
	fixture_check_place(pods, "a", "1", POD_KNOWN, 4);
	fixture_check_place(pods, "a", "2", POD_KNOWN, 0);
	pods_put(pods, fixture_pod_with("b", "4", "3", 0), 0);
	fixture_check_place(pods, "b", "3", POD_KNOWN, 0);
	pods_put(pods, fixture_pod_with("b", "3", "", 7), 0);
	fixture_check_place(pods, "b", "3", POD_KNOWN, 7);
	pods_free(pods);
}

static void test_containers_of_each_other(void **state)
{
	struct pods *pods = roomy_pods();
	struct pod *pod = fixture_pod("a");
	struct cgroup_containers path = fixture_path("a", "2");
	struct pod_place place;

	(void)state;
	fixture_container(pod, "web", "1", "", 0);
	fixture_container(pod, "log", "2", "", 5);
	pods_put(pods, pod, 0);
	assert_int_equal(pods_place(pods, &path, &place), POD_KNOWN);
	assert_string_equal(place.container->name, "log");
	/* a container that the pod no longer has takes its runs along */
	pods_put(pods, fixture_pod_with("a", "1", "", 0), 0);
	assert_null(pods_of_container(pods, "2"));
	fixture_check_place(pods, "a", "2", POD_CONTAINER_UNKNOWN, 0);
	/* the id is another pod's now; the cgroup's word on the pod still counts */
	pods_put(pods, fixture_pod_with("b", "1", "", 9), 0);
	fixture_check_place(pods, "", "1", POD_KNOWN, 9);
	fixture_check_place(pods, "a", "1", POD_CONTAINER_UNKNOWN, 0);
	pods_free(pods);
}

/* What is not told of may be the pod's own, which is there before any other. */
static void test_only_container(void **state)
{
	struct pods *pods = roomy_pods();
	struct pod *two = fixture_pod("b");

	(void)state;
	pods_put(pods, fixture_pod_with("a", "", "", 0), 0);
	fixture_check_place(pods, "a", "pause", POD_CONTAINER_UNKNOWN, 0);
	fixture_check_place(pods, "a", "1", POD_CONTAINER_UNKNOWN, 0);
	fixture_check_place(pods, "a", "", POD_CONTAINER_UNKNOWN, 0); /* the pod's own cgroup */
	pods_put(pods, fixture_pod_with("a", "1", "", 0), 0);
	fixture_check_place(pods, "a", "1", POD_KNOWN, 0);
	fixture_check_place(pods, "a", "pause", POD_CONTAINER_UNKNOWN, 0);
	fixture_container(two, "web", "", "", 0);
	fixture_container(two, "log", "", "", 0);
	pods_put(pods, two, 0);
	fixture_check_place(pods, "b", "2", POD_CONTAINER_UNKNOWN, 0);
	pods_free(pods);
}

/* The mirror pod of a static one: another uid, the same hash each time it is made anew. */
static void test_static_pod(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, mirror_pod("a", "hash"), 0);
	assert_string_equal(pods_of_uid(pods, "hash")->uid, "a");
	assert_string_equal(pods_of_uid(pods, "a")->uid, "a");
	pods_begin_list(pods);
	pods_put(pods, mirror_pod("b", "hash"), 1);
	assert_string_equal(pods_of_uid(pods, "hash")->uid, "a"); /* not while that is there */
	pods_end_list(pods, 1);
	assert_string_equal(pods_of_uid(pods, "hash")->uid, "b");
	pods_delete(pods, "b", 2);
	assert_string_equal(pods_of_uid(pods, "hash")->uid, "b");
	pods_put(pods, mirror_pod("c", "hash"), 3);
	assert_string_equal(pods_of_uid(pods, "hash")->uid, "c");
	pods_put(pods, mirror_pod("c", "other"), 3);
	assert_null(pods_of_uid(pods, "hash"));
	assert_string_equal(pods_of_uid(pods, "other")->uid, "c");
	pods_put(pods, mirror_pod("d", "c"), 4); /* no hash is another pod's uid */
	assert_string_equal(pods_of_uid(pods, "c")->uid, "c");
	pods_delete(pods, "c", 4);
	assert_string_equal(pods_of_uid(pods, "c")->uid, "d");
	pods_delete(pods, "d", 4);
	assert_string_equal(pods_of_uid(pods, "c")->uid, "c");
	pods_free(pods);
}

static struct cgroup_containers nested(const struct cgroup_containers *outer,
				       const struct cgroup_containers *inner)
{
	struct cgroup_containers path = {.items = {outer->items[0], inner->items[0]}, .nr = 2};

	return path;
}

static void test_nested(void **state)
{
	struct pods *pods = roomy_pods();
	struct cgroup_containers node = fixture_path("", "node"), a = fixture_path("a", "1");
	struct cgroup_containers unknown = fixture_path("x", "9"), plain = fixture_path("", "8");
	struct cgroup_containers path;
	struct pod_place place;

	(void)state;
	pods_put(pods, fixture_pod_with("a", "1", "", 2), 0);
	path = nested(&node, &a); /* a node that is a container */
	assert_int_equal(pods_place(pods, &path, &place), POD_KNOWN);
	path = nested(&a, &plain); /* a container that a pod made itself */
	assert_int_equal(pods_place(pods, &path, &place), POD_KNOWN);
	assert_string_equal(place.container->name, "web");
	path = nested(&a, &unknown); /* a cluster within a pod */
	assert_int_equal(pods_place(pods, &path, &place), POD_KNOWN);
	path = nested(&node, &unknown);
	assert_int_equal(pods_place(pods, &path, &place), POD_UNKNOWN);
	path = nested(&unknown, &plain);
	assert_int_equal(pods_place(pods, &path, &place), POD_UNKNOWN);
	assert_int_equal(pods_place(pods, &plain, &place), POD_NOT_IN_ONE);
	assert_int_equal(pods_place(pods, &(struct cgroup_containers){}, &place), POD_NOT_IN_ONE);
	fixture_check_place(pods, "", "1", POD_KNOWN, 2); /* a path that names no pod */
	fixture_check_place(pods, "z", "1", POD_KNOWN,
			    2); /* or by a name that the API does not have */
	pods_free(pods);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_crash_loop),
		cmocka_unit_test(test_certain_restart_count),
		cmocka_unit_test(test_containers_of_each_other),
		cmocka_unit_test(test_only_container),
		cmocka_unit_test(test_static_pod),
		cmocka_unit_test(test_nested),
	};

	return cmocka_run_group_tests_name("pods_place", tests, NULL, NULL);
}
