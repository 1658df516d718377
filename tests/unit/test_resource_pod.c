/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What Kubernetes tells, over and under what a process says of itself. */
#include <stdio.h>

#include "identity/resource_pod.h"
#include "unit.h"

struct sets {
	struct attributes set, said, pod;
	struct resource_options options;
};

static void put(struct attributes *set, const char *key, const char *value)
{
	assert_int_equal(attributes_put_text(set, key, value), 0);
}

static void set_up(struct sets *sets)
{
	*sets = (struct sets){};
	assert_int_equal(attributes_put_integer(&sets->set, "process.pid", 7), 0);
	put(&sets->set, "service.name", "node");
	put(&sets->set, "service.instance.id", "uuid");
	put(&sets->set, "k8s.node.name", "n1");
	put(&sets->set, "container.id", "abc");
	put(&sets->pod, "k8s.pod.name", "web-1");
	put(&sets->pod, "service.name", "web");
	put(&sets->pod, "service.instance.id", "shop.web-1.web");
	put(&sets->pod, "team", "cart");
}

static void say(struct sets *sets, const char *key, const char *value)
{
	put(&sets->said, key, value);
	put(&sets->set, key, value);
}

static void add(struct sets *sets, __u32 own_pid)
{
	assert_int_equal(
		resource_add_pod(&sets->set, &sets->said, &sets->pod, own_pid, &sets->options), 0);
}

static void check(const struct sets *sets, const char *key, const char *value)
{
	const char *text = attributes_get_text(&sets->set, key);

	if (!value)
		assert_null(text);
	else if (!text)
		fail_msg("there is no %s", key);
	else
		assert_string_equal(text, value);
}

static void tear_down(struct sets *sets)
{
	attributes_done(&sets->set);
	attributes_done(&sets->said);
	attributes_done(&sets->pod);
}

static void test_silent_process(void **state)
{
	struct sets sets;

	(void)state;
	set_up(&sets);
	add(&sets, 1);
	check(&sets, "k8s.pod.name", "web-1");
	check(&sets, "service.name", "web");
	check(&sets, "service.instance.id", "shop.web-1.web");
	check(&sets, "team", "cart");
	check(&sets, "k8s.node.name", "n1");
	check(&sets, "container.id", "abc");
	assert_int_equal(attributes_get(&sets.set, "process.pid")->integer, 7);
	tear_down(&sets);
}

static void test_process_names_its_service(void **state)
{
	struct sets sets;

	(void)state;
	set_up(&sets);
	say(&sets, "service.name", "checkout");
	say(&sets, "service.instance.id", "mine");
	say(&sets, "team", "payment");
	add(&sets, 9);
	check(&sets, "service.name", "checkout");
	check(&sets, "service.instance.id", "mine");
	check(&sets, "team", "payment");
	tear_down(&sets);
}

static void test_process_lies_about_its_pod(void **state)
{
	struct sets sets;

	(void)state;
	set_up(&sets);
	say(&sets, "k8s.pod.name", "somebody-else");
	say(&sets, "k8s.namespace.name", "kube-system");
	add(&sets, 1);
	check(&sets, "k8s.pod.name", "web-1");
	check(&sets, "k8s.namespace.name", NULL);
	tear_down(&sets);
}

/* In no pod, or none that is known. */
static void test_no_pod(void **state)
{
	struct sets sets;

	(void)state;
	set_up(&sets);
	attributes_done(&sets.pod);
	say(&sets, "k8s.pod.name", "somebody-else");
	add(&sets, 1);
	check(&sets, "k8s.pod.name", NULL);
	check(&sets, "service.name", "node");
	check(&sets, "service.instance.id", "uuid");
	check(&sets, "k8s.node.name", "n1");
	tear_down(&sets);
}

/* What is known of the host is not lost to who says otherwise. */
static void test_process_lies_about_its_node(void **state)
{
	struct attributes host = {};
	struct sets sets;

	(void)state;
	set_up(&sets);
	put(&host, "k8s.node.name", "n1");
	put(&host, "k8s.cluster.name", "c1");
	sets.options.host = &host;
	attributes_done(&sets.pod);
	say(&sets, "k8s.node.name", "other");
	say(&sets, "k8s.pod.name", "other");
	add(&sets, 1);
	check(&sets, "k8s.node.name", "n1");
	check(&sets, "k8s.cluster.name", "c1");
	check(&sets, "k8s.pod.name", NULL);
	attributes_done(&host);
	tear_down(&sets);
}

static void test_other_processes_of_the_container(void **state)
{
	struct sets sets;

	(void)state;
	set_up(&sets);
	add(&sets, 42);
	check(&sets, "service.instance.id", "shop.web-1.web.42");
	tear_down(&sets);
	set_up(&sets);
	add(&sets, 0); /* not known */
	check(&sets, "service.instance.id", "shop.web-1.web");
	tear_down(&sets);
}

/* However much a process says, there is room for what is certain. */
static void test_talkative_process(void **state)
{
	struct sets sets;
	char key[32];

	(void)state;
	set_up(&sets);
	for (int i = 0; i < ATTRIBUTES_MAX; i++) {
		snprintf(key, sizeof(key), "a%03d", i);
		attributes_put_text(&sets.said, key, "x");
		attributes_put_text(&sets.set, key, "x");
	}
	add(&sets, 1);
	check(&sets, "k8s.pod.name", "web-1");
	check(&sets, "service.name", "web");
	assert_non_null(attributes_get(&sets.set, "process.pid"));
	assert_int_equal(sets.set.nr, ATTRIBUTES_MAX);
	tear_down(&sets);
}

static void test_filter(void **state)
{
	char *drop[] = {"k8s.pod.*"};
	struct sets sets;

	(void)state;
	set_up(&sets);
	sets.options.drop = drop;
	sets.options.nr_drop = 1;
	add(&sets, 1);
	check(&sets, "k8s.pod.name", NULL);
	check(&sets, "service.name", "web");
	tear_down(&sets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_silent_process),
		cmocka_unit_test(test_process_names_its_service),
		cmocka_unit_test(test_process_lies_about_its_pod),
		cmocka_unit_test(test_no_pod),
		cmocka_unit_test(test_process_lies_about_its_node),
		cmocka_unit_test(test_other_processes_of_the_container),
		cmocka_unit_test(test_talkative_process),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
