/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From a loop's first record to its resource: what the kernel tells of its place, what is known of
 * pods by then, and what becomes known later. The processes do not exist.
 */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/admission.h"
#include "pods_fixture.h"
#include "settings_fixture.h"
#include "unit.h"

#define POD_A "11111111-2222-3333-4444-555555555555"
#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define PATH_A "/kubepods/besteffort/pod" POD_A "/" ID_A
#define NO_PID 4000000000U

struct world {
	struct loaded loaded;
	struct registry *registry;
	struct attributes departed;
	struct pods *pods;
	struct admission *admission;
	unsigned int nr_released, nr_settled;
};

static void begin(struct world *world, const char *yaml)
{
	const struct pods_options pods = {.max_pods = 10, .max_bytes = 1 << 20, .grace_ns = 100};
	const struct registry_options registry = {.max_waiting = 10,
						  .max_ended = 10,
						  .max_series = 100,
						  .departed = &world->departed};

	*world = (struct world){.loaded = load_yaml(yaml)};
	assert_int_equal(attributes_put_text(&world->departed, "service.name", "departed"), 0);
	assert_int_equal(registry_new(&registry, &world->registry), 0);
	assert_int_equal(pods_new(&pods, &world->pods), 0);
	assert_int_equal(
		admission_new(loaded_good(&world->loaded), world->registry, &world->admission), 0);
	admission_set_pods(world->admission, world->pods);
}

static void end(struct world *world)
{
	admission_free(world->admission);
	registry_free(world->registry);
	pods_free(world->pods);
	attributes_done(&world->departed);
	loaded_done(&world->loaded);
}

static struct loop_window window_of(unsigned int tid)
{
	return (struct loop_window){
		.header = {.kind = RECORD_LOOP_WINDOW, .size = sizeof(struct loop_window)},
		.id = {.pid = NO_PID, .tid = tid, .start_ns = 5},
		.process_start_ns = 5,
		.thread = "worker",
		.process = "server",
	};
}

static void place_it(struct world *world, unsigned int tid, __u32 own_pid, const char *path)
{
	struct place place = {.id = {.pid = NO_PID, .tid = tid, .start_ns = 5}, .own_pid = own_pid};

	strcpy(place.unified, path);
	admission_note_place(world->admission, &place);
}

static enum verdict meet(struct world *world, unsigned int tid, const char *path)
{
	struct loop_window window = window_of(tid);
	enum verdict verdict;

	place_it(world, tid, 1, path);
	assert_int_equal(admission_decide(world->admission, &window, &verdict), 0);
	return verdict;
}

static struct watched_loop *loop_of(struct world *world, unsigned int tid)
{
	struct loop_window window = window_of(tid);

	return registry_loop(world->registry, &window.id);
}

static struct watched_process *process_of(struct world *world, unsigned int tid)
{
	return watched_loop_process(loop_of(world, tid));
}

static const char *attribute(struct world *world, unsigned int tid, const char *key)
{
	return attributes_get_text(watched_process_attributes(process_of(world, tid)), key);
}

static struct pod *make_pod(const char *namespace, const char *id)
{
	struct pod *pod = fixture_pod(POD_A);

	free(pod->namespace);
	pod->namespace = strdup(namespace);
	assert_non_null(pod->namespace);
	fixture_container(pod, "web", id, "", 3);
	fixture_container(pod, "side", "", "", 0);
	return pod;
}

/* As the collector does it. */
static void settle_loop(struct watched_loop *loop, void *context)
{
	struct world *world = context;
	int group = admission_group(world->admission, loop);

	watched_loop_set_group(loop, group);
	if (group < 0)
		registry_drop_loop(world->registry, loop);
}

static void on_settled(struct watched_process *process, bool released, void *context)
{
	struct world *world = context;

	world->nr_settled++;
	world->nr_released += released;
	if (released)
		registry_each_loop_of(process, settle_loop, world);
}

static void settle(struct world *world, __u64 now_ns)
{
	world->nr_settled = world->nr_released = 0;
	admission_settle(world->admission, now_ns, on_settled, world);
}

static size_t nr_shown(struct world *world)
{
	struct figures figures;

	assert_int_equal(registry_figures(world->registry, READER_SCRAPE, 1000, &figures), 0);
	return figures.nr_resources;
}

static void test_known_at_once(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_string_equal(attribute(&world, 1, "k8s.namespace.name"), "shop");
	assert_string_equal(attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_string_equal(attribute(&world, 1, "k8s.container.name"), "web");
	assert_string_equal(attribute(&world, 1, "container.id"), ID_A);
	assert_int_equal(nr_shown(&world), 1);
	assert_int_equal(admission_held(world.admission), 0);
	end(&world);
}

static void test_known_later(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(admission_held(world.admission), 1);
	assert_int_equal(nr_shown(&world), 0);
	settle(&world, 0);
	assert_int_equal(world.nr_settled, 0);
	/* the pod without its containers' ids: still held */
	assert_int_equal(pods_put(world.pods, make_pod("shop", ""), 1), 0);
	settle(&world, 0);
	assert_int_equal(world.nr_settled, 1);
	assert_int_equal(world.nr_released, 0);
	assert_string_equal(attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_null(attribute(&world, 1, "k8s.container.name"));
	assert_int_equal(nr_shown(&world), 0);
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 2), 0);
	settle(&world, 0);
	assert_int_equal(world.nr_released, 1);
	assert_string_equal(attribute(&world, 1, "k8s.container.name"), "web");
	assert_int_equal(nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 0);
	end(&world);
}

static void test_never_known(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	settle(&world, ULLONG_MAX);
	assert_int_equal(world.nr_released, 1);
	assert_int_equal(nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 1);
	assert_string_equal(attribute(&world, 1, "container.id"), ID_A);
	assert_null(attribute(&world, 1, "k8s.pod.uid"));
	/* but what comes after that still counts */
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	settle(&world, ULLONG_MAX);
	assert_int_equal(world.nr_settled, 1);
	assert_int_equal(world.nr_released, 0);
	assert_string_equal(attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_int_equal(admission_unresolved(world.admission), 1);
	end(&world);
}

static void test_no_waiting(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "kubernetes: {wait_ms: 0}");
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 1);
	assert_int_equal(meet(&world, 2, PATH_A), VERDICT_WATCHED);
	assert_int_equal(admission_unresolved(world.admission), 1);
	end(&world);
}

static void test_in_no_pod(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "kubernetes: {node_name: n1, cluster_name: c1}");
	assert_int_equal(meet(&world, 1, "/system.slice/shop.service"), VERDICT_WATCHED);
	assert_int_equal(nr_shown(&world), 1);
	assert_string_equal(attribute(&world, 1, "k8s.node.name"), "n1");
	assert_string_equal(attribute(&world, 1, "k8s.cluster.name"), "c1");
	assert_string_equal(attribute(&world, 1, "service.name"), "shop");
	end(&world);
}

/* A loop that ends while it is held is told of once its pod is known. */
static void test_ended_while_held(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	registry_end_loop(world.registry, loop_of(&world, 1));
	for (int i = 0; i < 5; i++)
		registry_end_interval(world.registry);
	assert_non_null(loop_of(&world, 1));
	assert_int_equal(nr_shown(&world), 0);
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	settle(&world, 0);
	assert_int_equal(nr_shown(&world), 1);
	assert_string_equal(attribute(&world, 1, "k8s.container.name"), "web");
	for (int i = 0; i < 5; i++)
		registry_end_interval(world.registry);
	assert_null(loop_of(&world, 1));
	end(&world);
}

/* Targets that ask for pods: whoever may belong is held, and goes without a trace if not. */
static void test_targets(void **state)
{
	static const char yaml[] = "targets: [{name: shop, include: [{namespace: shop}]}]";
	struct world world;

	(void)state;
	begin(&world, yaml);
	assert_int_equal(meet(&world, 9, "/system.slice/shop.service"), VERDICT_EXCLUDED);
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(meet(&world, 2, PATH_A), VERDICT_WATCHED);
	registry_end_loop(world.registry, loop_of(&world, 2));
	assert_int_equal(pods_put(world.pods, make_pod("other", ID_A), 1), 0);
	settle(&world, 0);
	assert_int_equal(world.nr_released, 1);
	assert_null(loop_of(&world, 1));
	assert_null(loop_of(&world, 2));
	assert_int_equal(nr_shown(&world), 0);
	assert_int_equal(meet(&world, 3, PATH_A), VERDICT_LEFT_OUT);
	end(&world);

	begin(&world, yaml);
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	settle(&world, 0);
	assert_non_null(loop_of(&world, 1));
	assert_int_equal(nr_shown(&world), 1);
	/* the pod goes, and with it all that is known of it: what was decided stands */
	pods_delete(world.pods, POD_A, 10);
	pods_expire(world.pods, 1000);
	assert_int_equal(admission_group(world.admission, loop_of(&world, 1)), 0);
	admission_reread(world.admission, process_of(&world, 1));
	assert_string_equal(attribute(&world, 1, "k8s.pod.uid"), POD_A);
	end(&world);
}

static void test_own_threshold(void **state)
{
	static struct pod_label annotation = {.key = "loopscope/blocking-ms", .value = "20"};
	struct world world;
	struct pod *pod;

	(void)state;
	for (int allowed = 0; allowed <= 1; allowed++) {
		begin(&world, allowed ? "kubernetes: {annotated_thresholds: true}" : "");
		pod = make_pod("shop", ID_A);
		pod->annotations = malloc(sizeof(annotation));
		assert_non_null(pod->annotations);
		pod->annotations[0] =
			(struct pod_label){strdup(annotation.key), strdup(annotation.value)};
		pod->nr_annotations = 1;
		assert_int_equal(pods_put(world.pods, pod, 1), 0);
		assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
		assert_int_equal(watched_process_pod(process_of(&world, 1))->blocking_ns,
				 allowed ? 20 * MS : 0);
		end(&world);
	}
}

/* Two processes of a container share its name, but no instance. */
static void test_instances(void **state)
{
	struct loop_window window = window_of(2);
	enum verdict verdict;
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	window.id.pid = NO_PID + 1;
	struct place place = {.id = window.id, .own_pid = 17};

	strcpy(place.unified, PATH_A);
	admission_note_place(world.admission, &place);
	assert_int_equal(admission_decide(world.admission, &window, &verdict), 0);
	assert_string_equal(attribute(&world, 1, "service.instance.id"), "shop." POD_A ".web");
	assert_string_equal(attributes_get_text(watched_process_attributes(watched_loop_process(
							registry_loop(world.registry, &window.id))),
						"service.instance.id"),
			    "shop." POD_A ".web.17");
	end(&world);
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
	begin(&world, "");
	fixture_container(victim, "web", other_id, "", 0);
	assert_int_equal(pods_put(world.pods, victim, 1), 0);
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	snprintf(path, sizeof(path), PATH_A "/kubepods/pod%s/%s", other, other_id);
	assert_int_equal(meet(&world, 1, path), VERDICT_WATCHED);
	assert_string_equal(attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_string_equal(attribute(&world, 1, "container.id"), ID_A);
	end(&world);
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
		begin(&world, before);
		assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
		assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
		assert_int_equal(watched_loop_group(loop_of(&world, 1)), 2);
		if (gone)
			pods_delete(world.pods, POD_A, 10);
		else
			admission_set_pods(world.admission, NULL);
		pods_expire(world.pods, 1000);
		assert_int_equal(admission_set_settings(world.admission, loaded_good(&next)), 0);
		admission_reread(world.admission, process_of(&world, 1));
		assert_int_equal(admission_group(world.admission, loop_of(&world, 1)), 0);
		assert_string_equal(attribute(&world, 1, "k8s.pod.uid"), POD_A);
		end(&world);
	}
	loaded_done(&next);
}

/* New settings come between a pod and the look at who waits for it. */
static void test_reread_while_held(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	admission_reread(world.admission, process_of(&world, 1));
	settle(&world, 0);
	assert_int_equal(world.nr_released, 1);
	assert_int_equal(nr_shown(&world), 1);
	assert_int_equal(admission_held(world.admission), 0);
	end(&world);
}

/* Nobody is asked from now on. */
static void test_pods_taken_away(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(meet(&world, 1, PATH_A), VERDICT_WATCHED);
	admission_set_pods(world.admission, NULL);
	admission_reread(world.admission, process_of(&world, 1));
	settle(&world, 0);
	assert_int_equal(nr_shown(&world), 1);
	assert_int_equal(admission_unresolved(world.admission), 0);
	end(&world);
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
	begin(&world, "");
	fixture_container(victim, "web", other_id, "", 0);
	assert_int_equal(pods_put(world.pods, victim, 1), 0);
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	snprintf(path, sizeof(path), PATH_A "/%0300d/kubepods/pod%s/%s", 0, other, other_id);
	assert_int_equal(meet(&world, 1, path), VERDICT_WATCHED);
	assert_null(attribute(&world, 1, "k8s.pod.uid"));
	end(&world);
}

/* A runtime whose cgroups do not name the pod: its containers' ids do, once they are told. */
static void test_told_by_container_alone(void **state)
{
	struct world world;

	(void)state;
	begin(&world, "");
	assert_int_equal(meet(&world, 1, "/docker/" ID_A), VERDICT_WATCHED);
	assert_int_equal(nr_shown(&world), 1); /* nothing says that it is a pod's */
	assert_int_equal(pods_put(world.pods, make_pod("shop", ID_A), 1), 0);
	settle(&world, 0);
	assert_int_equal(world.nr_settled, 1);
	assert_string_equal(attribute(&world, 1, "k8s.pod.uid"), POD_A);
	assert_int_equal(nr_shown(&world), 1);
	end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_at_once),
		cmocka_unit_test(test_known_later),
		cmocka_unit_test(test_never_known),
		cmocka_unit_test(test_no_waiting),
		cmocka_unit_test(test_in_no_pod),
		cmocka_unit_test(test_ended_while_held),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_own_threshold),
		cmocka_unit_test(test_instances),
		cmocka_unit_test(test_spoofed_cgroup),
		cmocka_unit_test(test_other_groups),
		cmocka_unit_test(test_reread_while_held),
		cmocka_unit_test(test_pods_taken_away),
		cmocka_unit_test(test_spoofed_long_cgroup),
		cmocka_unit_test(test_told_by_container_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
