/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Targets and thresholds that ask for pods, and paths and processes that are not what they seem. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admission_fixture.h"

/* Targets that ask for pods: whoever may belong is held, and goes without a trace if not. */
static void test_targets(void **state)
{
	static const char yaml[] = "targets: [{name: shop, include: [{namespace: shop}]}]";
	struct world world;

	(void)state;
	admission_fixture_begin(&world, yaml);
	assert_int_equal(admission_fixture_meet(&world, 9, "/system.slice/shop.service"),
			 VERDICT_EXCLUDED);
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(admission_fixture_meet(&world, 2, PATH_A), VERDICT_WATCHED);
	registry_end_loop(world.registry, admission_fixture_loop(&world, 2));
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("other", ID_A), 1), 0);
	admission_fixture_settle(&world, 0);
	assert_int_equal(world.nr_released, 1);
	assert_null(admission_fixture_loop(&world, 1));
	assert_null(admission_fixture_loop(&world, 2));
	assert_int_equal(admission_fixture_nr_shown(&world), 0);
	assert_int_equal(admission_fixture_meet(&world, 3, PATH_A), VERDICT_LEFT_OUT);
	admission_fixture_end(&world);

	admission_fixture_begin(&world, yaml);
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	admission_fixture_settle(&world, 0);
	assert_non_null(admission_fixture_loop(&world, 1));
	assert_int_equal(admission_fixture_nr_shown(&world), 1);
	/* the pod goes, and with it all that is known of it: what was decided stands */
	pods_delete(world.pods, POD_A, 10);
	pods_expire(world.pods, 1000);
	assert_int_equal(admission_group(world.admission, admission_fixture_loop(&world, 1)), 0);
	admission_reread(world.admission, admission_fixture_process(&world, 1));
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.pod.uid"), POD_A);
	admission_fixture_end(&world);
}

static void test_own_threshold(void **state)
{
	static struct pod_label annotation = {.key = "loopscope/blocking-ms", .value = "20"};
	struct world world;
	struct pod *pod;

	(void)state;
	for (int allowed = 0; allowed <= 1; allowed++) {
		admission_fixture_begin(&world,
					allowed ? "kubernetes: {annotated_thresholds: true}" : "");
		pod = admission_fixture_pod("shop", ID_A);
		pod->annotations = malloc(sizeof(annotation));
		assert_non_null(pod->annotations);
		pod->annotations[0] =
			(struct pod_label){strdup(annotation.key), strdup(annotation.value)};
		pod->nr_annotations = 1;
		assert_int_equal(pods_put(world.pods, pod, 1), 0);
		assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
		assert_int_equal(
			watched_process_pod(admission_fixture_process(&world, 1))->blocking_ns,
			allowed ? 20 * MS : 0);
		admission_fixture_end(&world);
	}
}

/* Fewer groups than there were, and nothing known any more by which the loop was put in one. */
static void test_other_groups(void **state)
{
	static const char before[] =
		"targets: [{name: a, include: [{comm: a}]}, {name: b, include: [{comm: b}]},"
		" {name: shop, include: [{namespace: shop}]}]";
	struct loaded next = load_yaml("targets: [{name: all}]");
	struct world world;

	(void)state;
	for (int gone = 0; gone <= 1; gone++) {
		admission_fixture_begin(&world, before);
		assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
		assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
		assert_int_equal(watched_loop_group(admission_fixture_loop(&world, 1)), 2);
		if (gone)
			pods_delete(world.pods, POD_A, 10);
		else
			admission_set_pods(world.admission, NULL);
		pods_expire(world.pods, 1000);
		assert_int_equal(admission_set_settings(world.admission, loaded_good(&next)), 0);
		admission_reread(world.admission, admission_fixture_process(&world, 1));
		assert_int_equal(
			admission_group(world.admission, admission_fixture_loop(&world, 1)), 0);
		assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.pod.uid"), POD_A);
		admission_fixture_end(&world);
	}
	loaded_done(&next);
}

/* Two processes of a container share its name, but no instance. */
static void test_instances(void **state)
{
	struct loop_window window = admission_fixture_window(2);
	enum verdict verdict;
	struct world world;

	(void)state;
	admission_fixture_begin(&world, "");
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	assert_int_equal(admission_fixture_meet(&world, 1, PATH_A), VERDICT_WATCHED);
	window.id.pid = NO_PID + 1;
	struct place place = {.id = window.id, .own_pid = 17};

	strcpy(place.unified, PATH_A);
	admission_note_place(world.admission, &place);
	assert_int_equal(admission_decide(world.admission, &window, &verdict), 0);
	assert_string_equal(admission_fixture_attribute(&world, 1, "service.instance.id"),
			    "shop." POD_A ".web");
	assert_string_equal(attributes_get_text(watched_process_attributes(watched_loop_process(
							registry_loop(world.registry, &window.id))),
						"service.instance.id"),
			    "shop." POD_A ".web.17");
	admission_fixture_end(&world);
}

/* A container whose root makes a cgroup below its own, named after another's pod. */
static void test_spoofed_cgroup(void **state)
{
	static const char other[] = "99999999-2222-3333-4444-555555555555";
	static const char other_id[] =
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	char path[PLACE_PATH_LEN];
	struct world world;
	struct pod *victim = fixture_pod(other);

	(void)state;
	admission_fixture_begin(&world, "");
	fixture_container(victim, "web", other_id, "", 0);
	assert_int_equal(pods_put(world.pods, victim, 1), 0);
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	snprintf(path, sizeof(path), PATH_A "/kubepods/pod%s/%s", other, other_id);
	assert_int_equal(admission_fixture_meet(&world, 1, path), VERDICT_WATCHED);
	assert_string_equal(admission_fixture_attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_string_equal(admission_fixture_attribute(&world, 1, "container.id"), ID_A);
	admission_fixture_end(&world);
}

/* A path so long that its outer part may be cut off, in which who is inside has named a pod. */
static void test_spoofed_long_cgroup(void **state)
{
	static const char other[] = "99999999-2222-3333-4444-555555555555";
	static const char other_id[] =
		"bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
	char path[PLACE_PATH_LEN];
	struct world world;
	struct pod *victim = fixture_pod(other);

	(void)state;
	admission_fixture_begin(&world, "");
	fixture_container(victim, "web", other_id, "", 0);
	assert_int_equal(pods_put(world.pods, victim, 1), 0);
	assert_int_equal(pods_put(world.pods, admission_fixture_pod("shop", ID_A), 1), 0);
	snprintf(path, sizeof(path), PATH_A "/%0300d/kubepods/pod%s/%s", 0, other, other_id);
	assert_int_equal(admission_fixture_meet(&world, 1, path), VERDICT_WATCHED);
	assert_null(admission_fixture_attribute(&world, 1, "k8s.pod.uid"));
	admission_fixture_end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets),        cmocka_unit_test(test_own_threshold),
		cmocka_unit_test(test_other_groups),   cmocka_unit_test(test_instances),
		cmocka_unit_test(test_spoofed_cgroup), cmocka_unit_test(test_spoofed_long_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
