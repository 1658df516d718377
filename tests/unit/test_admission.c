/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a loop's first record to its resource: what the kernel tells of its place, what is known of
 * pods by then, and what becomes known later.
 */
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "admission_fixture.h"

static void test_known_at_once(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.namespace.name"), "shop");
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.container.name"), "web");
	assert_string_equal(admission_fixture_attribute(&world, 1, "container.id"), ID_A);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_int_equal(admission_held(world.admission), 0);
	admission_fixture_end(&world);
}

static void test_known_later(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(admission_held(world.admission), 1);
	assert_int_equal(admission_fixture_nr_shown(&world), 0);
	admission_fixture_settle(&world, 0);
	assert_int_equal(world.nr_settled, 0);
	/* the pod without its containers' ids: still held */
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ""), 1), 0);
	admission_fixture_settle(&world, 0);
	assert_int_equal(world.nr_settled, 1);
	assert_int_equal(world.nr_released, 0);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_null(admission_fixture_attribute(&world, 1, "k8s.container.name"));
	assert_int_equal(admission_fixture_nr_shown(&world), 0);
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 2), 0);
	admission_fixture_settle(&world, 0);
	assert_int_equal(world.nr_released, 1);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.container.name"), "web");
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 0);
	admission_fixture_end(&world);
}

static void test_never_known(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	admission_fixture_settle(&world, ULLONG_MAX);
	assert_int_equal(world.nr_released, 1);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 1);
	assert_string_equal(admission_fixture_attribute(&world, 1, "container.id"), ID_A);
	assert_null(admission_fixture_attribute(&world, 1, "k8s.pod.uid"));
	/* but what comes after that still counts */
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	admission_fixture_settle(&world, ULLONG_MAX);
	assert_int_equal(world.nr_settled, 1);
	assert_int_equal(world.nr_released, 0);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_int_equal(admission_unresolved(world.admission), 1);
	admission_fixture_end(&world);
}

static void test_no_waiting(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "kubernetes: {wait_ms: 0}");
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 1);
	assert_int_equal(admission_fixture_meet(&world, 2, PATH_A), VERDICT_WATCHED);
	assert_int_equal(admission_unresolved(world.admission), 1);
	admission_fixture_end(&world);
}

static void test_in_no_pod(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "kubernetes: {node_name: n1, cluster_name: c1}");
	assert_int_equal(admission_fixture_meet(&world, 1, "/system.slice/shop.service"),
			 VERDICT_WATCHED);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.node.name"), "n1");
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.cluster.name"), "c1");
	assert_string_equal(admission_fixture_attribute(&world, 1, "service.name"), "shop");
	admission_fixture_end(&world);
}

/* A loop that ends while it is held is told of once its pod is known. */
static void test_ended_while_held(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	registry_end_loop(world.registry, admission_fixture_loop(&world, 1));
	for (int i = 0; i < 5; i++)
		registry_end_interval(world.registry);
	assert_non_null(admission_fixture_loop(&world, 1));
	assert_int_equal(admission_fixture_nr_shown(&world), 0);
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	admission_fixture_settle(&world, 0);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.container.name"), "web");
	for (int i = 0; i < 5; i++)
		registry_end_interval(world.registry);
	assert_null(admission_fixture_loop(&world, 1));
	admission_fixture_end(&world);
}

/* New settings come between a pod and the look at who waits for it. */
static void test_reread_while_held(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	admission_reread(world.admission, admission_fixture_process(&world, 1));
	admission_fixture_settle(&world, 0);
	assert_int_equal(world.nr_released, 1);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_int_equal(admission_held(world.admission), 0);
	admission_fixture_end(&world);
}

/* Nobody is asked from now on. */
static void test_pods_taken_away(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	admission_set_pods(world.admission, NULL);
	admission_reread(world.admission, admission_fixture_process(&world, 1));
	admission_fixture_settle(&world, 0);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 0);
	admission_fixture_end(&world);
}

/* A runtime whose cgroups do not name the pod: its containers' ids do, once they are told. */
static void test_told_by_container_alone(void **state)
{
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(admission_fixture_meet(&world, 1, "/docker/" ID_A), VERDICT_WATCHED);
	assert_int_equal(admission_fixture_nr_shown(&world),
			 1); /* nothing says that it is a pod's */
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	admission_fixture_settle(&world, 0);
	assert_int_equal(world.nr_settled, 1);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	admission_fixture_end(&world);
}

/* In a pod the machine's name is the pod's, which is not that of the node. */
static void test_name_of_the_node(void **state)
{
	char host[256] = "", yaml[512];
	struct world world;

	(void)state;
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	for (int in_pod = 0; in_pod <= 1; in_pod++) {
		snprintf(yaml, sizeof(yaml),
			 "{kubernetes: {node_name: n1}, agent: {pod_name: %s%s}}",
			 in_pod ? "" : "not-", host);
		admission_fixture_begin(&world, yaml);
		assert_int_equal(admission_fixture_meet(&world, 1, "/a"), VERDICT_WATCHED);
		assert_string_equal(admission_fixture_attribute(&world, 1, "host.name"),
				    in_pod ? "n1" : host);
		admission_fixture_end(&world);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_at_once),
		cmocka_unit_test(test_known_later),
		cmocka_unit_test(test_never_known),
		cmocka_unit_test(test_no_waiting),
		cmocka_unit_test(test_in_no_pod),
		cmocka_unit_test(test_name_of_the_node),
		cmocka_unit_test(test_ended_while_held),
		cmocka_unit_test(test_reread_while_held),
		cmocka_unit_test(test_pods_taken_away),
		cmocka_unit_test(test_told_by_container_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
