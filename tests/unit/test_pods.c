/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The store of pods: what is kept, for how long, and what is found in it. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "identity/kubernetes/pods.h"
#include "identity/kubernetes/pods_runs.h"
#include "pods_fixture.h"

#define GRACE_NS 100

static unsigned int nr_changed, nr_deleted;
static char last_changed[POD_UID_LEN];

static void on_changed(const struct pod *pod, void *context)
{
	(void)context;
	nr_changed++;
	strcpy(last_changed, pod->uid);
}

static void on_deleted(const struct pod *pod, void *context)
{
	(void)context;
	nr_deleted++;
	assert_int_not_equal(pod->uid[0], 0);
}

static struct pods *new_pods(size_t max_pods, size_t max_bytes)
{
	const struct pods_options options = {
		.max_pods = max_pods,
		.max_bytes = max_bytes,
		.grace_ns = GRACE_NS,
		.changed = on_changed,
		.deleted = on_deleted,
	};
	struct pods *pods;

	nr_changed = nr_deleted = 0;
	assert_int_equal(pods_new(&options, &pods), 0);
	return pods;
}

static struct pods *roomy_pods(void)
{
	return new_pods(100, 1000000);
}

static struct pod *pod_with(const char *uid, const char *id, const char *previous_id,
			    long long restart_count)
{
	struct pod *pod = fixture_pod(uid);

	fixture_container(pod, "web", id, previous_id, restart_count);
	return pod;
}

static struct pod *mirror_pod(const char *uid, const char *hash)
{
	struct pod *pod = fixture_pod(uid);

	strcpy(pod->config_hash, hash);
	return pod;
}

static void check_counts(const struct pods *pods, size_t live, size_t kept, __u64 refused)
{
	struct pods_counts counts;

	pods_counts(pods, &counts);
	assert_int_equal(counts.pods, live);
	assert_int_equal(counts.kept, kept);
	assert_int_equal(counts.refused, refused);
}

static void check_place(const struct pods *pods, const char *uid, const char *id,
			enum pod_knowledge knowledge, long long restart_count)
{
	struct cgroup_containers path = fixture_path(uid, id);
	struct pod_place place;

	assert_int_equal(pods_place(pods, &path, &place), knowledge);
	assert_int_equal(!!place.pod, knowledge > POD_UNKNOWN);
	assert_int_equal(!!place.container, knowledge == POD_KNOWN);
	if (knowledge == POD_KNOWN)
		assert_int_equal(place.restart_count, restart_count);
}

static void test_changed_only_if_it_is(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	assert_int_equal(pods_put(pods, pod_with("a", "", "", 0), 1), 0);
	assert_int_equal(nr_changed, 1);
	assert_int_equal(pods_put(pods, pod_with("a", "", "", 0), 2), 0);
	assert_int_equal(nr_changed, 1);
	assert_int_equal(pods_put(pods, pod_with("a", "1", "", 0), 3), 0);
	assert_int_equal(nr_changed, 2);
	assert_int_equal(pods_put(pods, pod_with("b", "", "", 0), 4), 0);
	assert_int_equal(nr_changed, 3);
	assert_string_equal(last_changed, "b");
	pods_free(pods);
}

static void test_grace(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, pod_with("a", "1", "", 0), 0);
	pods_delete(pods, "a", 10);
	pods_delete(pods, "a", 50); /* told twice: the first counts */
	pods_delete(pods, "nobody", 50);
	assert_int_equal(nr_deleted, 1);
	check_counts(pods, 0, 1, 0);
	check_place(pods, "a", "1", POD_KNOWN, 0);
	pods_expire(pods, 10 + GRACE_NS - 1);
	assert_non_null(pods_of_uid(pods, "a"));
	pods_expire(pods, 10 + GRACE_NS);
	assert_null(pods_of_uid(pods, "a"));
	assert_null(pods_of_container(pods, "1"));
	check_counts(pods, 0, 0, 0);
	check_place(pods, "a", "1", POD_UNKNOWN, 0);
	pods_free(pods);
}

static void test_back_from_deletion(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, pod_with("a", "1", "", 0), 0);
	pods_delete(pods, "a", 10);
	pods_put(pods, pod_with("a", "1", "", 0), 20);
	assert_int_equal(nr_deleted, 1);
	assert_int_equal(nr_changed, 2); /* whoever was told that it is gone is told */
	check_counts(pods, 1, 0, 0);
	pods_expire(pods, 1000);
	check_counts(pods, 1, 0, 0);
	pods_free(pods);
}

static void test_list(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, fixture_pod("a"), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_end_list(pods, 1); /* none was begun */
	check_counts(pods, 2, 0, 0);
	pods_begin_list(pods);
	pods_put(pods, fixture_pod("a"), 2);
	pods_begin_list(pods); /* the first one broke off */
	pods_put(pods, fixture_pod("b"), 3);
	pods_put(pods, fixture_pod("c"), 3);
	check_counts(pods, 3, 0, 0);
	assert_int_equal(nr_deleted, 0);
	pods_end_list(pods, 4);
	assert_int_equal(nr_deleted, 1);
	check_counts(pods, 2, 1, 0);
	pods_expire(pods, 4 + GRACE_NS);
	assert_null(pods_of_uid(pods, "a"));
	assert_non_null(pods_of_uid(pods, "b"));
	assert_non_null(pods_of_uid(pods, "c"));
	pods_free(pods);
}

static void test_max_pods(void **state)
{
	struct pods *pods = new_pods(3, 1000000);

	(void)state;
	pods_put(pods, fixture_pod("a"), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_put(pods, fixture_pod("c"), 0);
	assert_int_equal(pods_put(pods, fixture_pod("d"), 0), -E2BIG);
	check_counts(pods, 3, 0, 1);
	pods_delete(pods, "b", 1);
	pods_delete(pods, "a", 2);
	assert_int_equal(pods_put(pods, fixture_pod("d"), 3), 0);
	assert_null(pods_of_uid(pods, "b")); /* the first deleted goes first */
	assert_non_null(pods_of_uid(pods, "a"));
	check_counts(pods, 2, 1, 1);
	assert_int_equal(pods_put(pods, fixture_pod("c"), 3), 0); /* is in it: needs no room */
	assert_non_null(pods_of_uid(pods, "a"));
	pods_free(pods);
}

static void test_max_bytes(void **state)
{
	struct pods *pods = new_pods(100, 20000);
	struct pods_counts counts;
	struct pod *large = pod_with("a", "2", "", 0), *fitting = pod_with("c", "3", "", 0);

	(void)state;
	pods_put(pods, pod_with("a", "1", "", 0), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_delete(pods, "b", 0);
	large->nr_bytes = 20000;
	fitting->nr_bytes = 12000;
	pods_begin_list(pods);
	assert_int_equal(pods_put(pods, large, 0), -E2BIG);
	pods_end_list(pods, 0);
	check_counts(pods, 1, 0, 1); /* what it was before is still known, and that it is there */
	assert_non_null(pods_of_container(pods, "1"));
	assert_null(pods_of_container(pods, "2"));
	/* what it was makes room for what it is */
	assert_int_equal(pods_put(pods, fitting, 0), 0);
	fitting = pod_with("c", "4", "", 0);
	fitting->nr_bytes = 14000;
	assert_int_equal(pods_put(pods, fitting, 0), 0);
	pods_delete(pods, "a", 0);
	pods_delete(pods, "c", 0);
	pods_expire(pods, GRACE_NS);
	pods_counts(pods, &counts);
	assert_int_equal(counts.bytes, 0);
	pods_free(pods);
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
		pods_put(pods, pod_with("a", id, previous_id, run), run);
		check_place(pods, "a", id, POD_KNOWN, run);
	}
	for (int run = 0; run < 59; run++) {
		bool known = run > 58 - PODS_MAX_RUNS;

		snprintf(id, sizeof(id), "run-%d", run);
		check_place(pods, "a", id, known ? POD_KNOWN : POD_CONTAINER_UNKNOWN, run);
		assert_int_equal(!!pods_of_container(pods, id), known);
	}
	check_place(pods, "a", "run-59", POD_CONTAINER_UNKNOWN, 0); /* not told of yet */
	pods_free(pods);
}

/* What a status said of a run itself holds, whatever a later one lets suppose. */
static void test_certain_restart_count(void **state)
{
	struct pods *pods = roomy_pods();

	(void)state;
	pods_put(pods, pod_with("a", "1", "", 4), 0);
	pods_put(pods, pod_with("a", "2", "1", 0), 0); /* the node forgot how often */
	check_place(pods, "a", "1", POD_KNOWN, 4);
	check_place(pods, "a", "2", POD_KNOWN, 0);
	pods_put(pods, pod_with("b", "4", "3", 0), 0);
	check_place(pods, "b", "3", POD_KNOWN, 0);
	pods_put(pods, pod_with("b", "3", "", 7), 0);
	check_place(pods, "b", "3", POD_KNOWN, 7);
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
	pods_put(pods, pod_with("a", "1", "", 0), 0);
	assert_null(pods_of_container(pods, "2"));
	check_place(pods, "a", "2", POD_CONTAINER_UNKNOWN, 0);
	/* the id is another pod's now; the cgroup's word on the pod still counts */
	pods_put(pods, pod_with("b", "1", "", 9), 0);
	check_place(pods, "", "1", POD_KNOWN, 9);
	check_place(pods, "a", "1", POD_KNOWN, 0);
	pods_free(pods);
}

static void test_only_container(void **state)
{
	struct pods *pods = roomy_pods();
	struct pod *two = fixture_pod("b");

	(void)state;
	pods_put(pods, pod_with("a", "", "", 0), 0);
	check_place(pods, "a", "1", POD_KNOWN, 0);
	check_place(pods, "a", "", POD_CONTAINER_UNKNOWN, 0); /* the pod's own cgroup */
	pods_put(pods, pod_with("a", "1", "", 0), 0);
	check_place(pods, "a", "pause", POD_CONTAINER_UNKNOWN, 0);
	fixture_container(two, "web", "", "", 0);
	fixture_container(two, "log", "", "", 0);
	pods_put(pods, two, 0);
	check_place(pods, "b", "2", POD_CONTAINER_UNKNOWN, 0);
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
	pods_put(pods, pod_with("a", "1", "", 2), 0);
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
	check_place(pods, "", "1", POD_KNOWN, 2);  /* a path that names no pod */
	check_place(pods, "z", "1", POD_KNOWN, 2); /* or by a name that the API does not have */
	pods_free(pods);
}

static void count_visit(const struct pod *pod, void *context)
{
	assert_string_not_equal(pod->uid, "b");
	(*(unsigned int *)context)++;
}

static void test_each(void **state)
{
	struct pods *pods = roomy_pods();
	unsigned int nr = 0;

	(void)state;
	pods_put(pods, fixture_pod("a"), 0);
	pods_put(pods, fixture_pod("b"), 0);
	pods_put(pods, fixture_pod("c"), 0);
	pods_delete(pods, "b", 0);
	pods_each(pods, count_visit, &nr);
	assert_int_equal(nr, 2);
	pods_free(pods);
	pods_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changed_only_if_it_is),
		cmocka_unit_test(test_grace),
		cmocka_unit_test(test_back_from_deletion),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_max_pods),
		cmocka_unit_test(test_max_bytes),
		cmocka_unit_test(test_crash_loop),
		cmocka_unit_test(test_certain_restart_count),
		cmocka_unit_test(test_containers_of_each_other),
		cmocka_unit_test(test_only_container),
		cmocka_unit_test(test_static_pod),
		cmocka_unit_test(test_nested),
		cmocka_unit_test(test_each),
	};

	return cmocka_run_group_tests_name("pods", tests, NULL, NULL);
}
