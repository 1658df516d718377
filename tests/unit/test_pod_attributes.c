/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Attributes of pods, and the service by the specification's order; images apart. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_attributes.h"
#include "pod_fixture.h"

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct pod_attribute_options plain = {.cluster_name = "", .node_name = ""};

/* Each "key=value" in turn, and no more; arrays as "key=[one]". */
static void check(const struct attributes *set, const char *const *expected)
{
	size_t nr = 0;

	for (; expected[nr]; nr++) {
		char line[1024] = "?";
		const struct attribute *at = nr < set->nr ? &set->items[nr] : NULL;

		if (at && at->type == ATTRIBUTE_TEXT)
			snprintf(line, sizeof(line), "%s=%s", at->key, at->text);
		if (at && at->type == ATTRIBUTE_INTEGER)
			snprintf(line, sizeof(line), "%s=#%lld", at->key, at->integer);
		if (at && at->type == ATTRIBUTE_TEXTS && at->texts.nr == 1)
			snprintf(line, sizeof(line), "%s=[%s]", at->key, at->texts.items[0]);
		assert_string_equal(line, expected[nr]);
	}
	assert_int_equal(set->nr, nr);
	assert_int_equal(set->nr_left_out, 0);
}

static void a_container_of_a_deployment(void **state)
{
	static const char *const expected[] = {
		"container.image.name=loopscope.test/loop",
		"container.image.tags=[1]",
		"k8s.cluster.name=east",
		"k8s.container.name=crash",
		"k8s.container.restart_count=#2",
		"k8s.deployment.name=web",
		"k8s.namespace.name=default",
		"k8s.node.name=node1",
		"k8s.pod.name=web-86f77979b-z4vmr",
		"k8s.pod.uid=" POD_WEB,
		"k8s.replicaset.name=web-86f77979b",
		"service.instance.id=default.web-86f77979b-z4vmr.crash",
		"service.name=web-shop",
		"service.namespace=default",
		"service.version=2.1",
		NULL,
	};
	static const struct pod_attribute_options options = {.cluster_name = "east",
							     .node_name = "another"};
	_cleanup_(pod_freep) struct pod *pod =
		pod_of_sample("api_list.json", "web-86f77979b-z4vmr");
	struct attributes set = {};

	(void)state;
	assert_string_equal(pod->containers[1].name, "crash");
	assert_int_equal(pod_attributes_put(pod, &pod->containers[1], 2, &options, &set), 0);
	check(&set, expected);
	attributes_done(&set);
}

static void without_a_container_its_attributes_are_left_out(void **state)
{
	static const char *const expected[] = {
		"k8s.cronjob.name=nightly",
		"k8s.job.name=nightly-29921322",
		"k8s.namespace.name=default",
		"k8s.node.name=node1",
		"k8s.pod.name=nightly-29921322-gvzmc",
		"k8s.pod.uid=5df19e99-3bc4-4da3-883a-481e16ce348a",
		"service.name=nightly",
		"service.namespace=default",
		NULL,
	};
	_cleanup_(pod_freep) struct pod *pod =
		pod_of_sample("api_list.json", "nightly-29921322-gvzmc");
	struct attributes set = {};

	(void)state;
	assert_int_equal(pod_attributes_put(pod, NULL, 7, &plain, &set), 0);
	check(&set, expected);
	/* nor is a count that is not known */
	assert_int_equal(pod_attributes_put(pod, &pod->containers[0], -1, &plain, &set), 0);
	assert_string_equal(attributes_get_text(&set, "k8s.container.name"), "main");
	assert_null(attributes_get(&set, "k8s.container.restart_count"));
	attributes_done(&set);
}

static void put_metadata(const char *metadata, const char *image, struct attributes *set)
{
	_cleanup_(pod_freep) struct pod *pod = NULL;
	char text[2048];

	snprintf(text, sizeof(text),
		 "{'metadata':{'uid':'1','name':'p','namespace':'n'%s},"
		 "'spec':{'containers':[{'name':'c','image':'%s'}]}}",
		 metadata, image);
	pod = pod_of(text);
	assert_int_equal(pod_attributes_put(pod, &pod->containers[0], 0, &plain, set), 0);
}

#define OWNER(kind, name) \
	",'ownerReferences':[{'kind':'" kind "','name':'" name "','controller':true}]"
#define INSTANCE "'app.kubernetes.io/instance':'instance'"
#define NAME "'app.kubernetes.io/name':'name'"
#define SAID(key, value) "'annotations':{'resource.opentelemetry.io/" key "':'" value "'}"

static void the_service_has_its_name_by_the_specification(void **state)
{
	static const struct {
		const char *metadata, *name;
	} cases[] = {
		{"," SAID("service.name", "said") ",'labels':{" INSTANCE "," NAME "}", "said"},
		{"," SAID("service.name", "") ",'labels':{" INSTANCE "," NAME "}", "instance"},
		{",'labels':{" INSTANCE "," NAME "}" OWNER("DaemonSet", "d"), "instance"},
		{",'labels':{'app.kubernetes.io/instance':''," NAME "}", "name"},
		{",'labels':{" NAME "}" OWNER("DaemonSet", "d"), "name"},
		{",'labels':{'pod-template-hash':'5d'}" OWNER("ReplicaSet", "web-5d"), "web"},
		{OWNER("ReplicaSet", "web-5d"), "web-5d"},
		{OWNER("StatefulSet", "s"), "s"},
		{OWNER("DaemonSet", "d"), "d"},
		{OWNER("Job", "j-29921322"), "j"},
		{OWNER("Job", "j"), "j"},
		{OWNER("Node", "x"), "p"},
		{"", "p"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct attributes set = {};

		put_metadata(cases[i].metadata, "i", &set);
		assert_string_equal(attributes_get_text(&set, "service.name"), cases[i].name);
		attributes_done(&set);
	}
}

static void the_service_has_its_version_by_the_specification(void **state)
{
	static const struct {
		const char *metadata, *image, *version;
	} cases[] = {
		{"," SAID("service.version", "said") ",'labels':{'app.kubernetes.io/version':'l'}",
		 "i:1", "said"},
		{",'labels':{'app.kubernetes.io/version':'l'}", "i:1", "l"},
		{",'labels':{'app.kubernetes.io/version':''}", "i:1", "1"},
		{"", "i:1@" DIGEST, "1@" DIGEST},
		{"", "i@" DIGEST, DIGEST},
		{"", "host:5000/i:1", "1"},
		{"", "i", NULL},
		{"", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct attributes set = {};
		const char *version;

		put_metadata(cases[i].metadata, cases[i].image, &set);
		version = attributes_get_text(&set, "service.version");
		if (cases[i].version)
			assert_string_equal(version, cases[i].version);
		else
			assert_null(version);
		attributes_done(&set);
	}
}

static void annotations_may_say_what_only_people_know(void **state)
{
	struct attributes set = {};

	(void)state;
	put_metadata("," SAID("service.namespace", "shop"), "i", &set);
	assert_string_equal(attributes_get_text(&set, "service.namespace"), "shop");
	put_metadata("," SAID("service.instance.id", "one"), "i", &set);
	assert_string_equal(attributes_get_text(&set, "service.instance.id"), "one");
	put_metadata("," SAID("deployment.environment.name", "test"), "i", &set);
	assert_string_equal(attributes_get_text(&set, "deployment.environment.name"), "test");
	attributes_done(&set);
}

static void annotations_may_not_say_who_it_is(void **state)
{
	static const char *const keys[] = {
		"k8s.pod.uid",
		"k8s.pod.name",
		"k8s.namespace.name",
		"k8s.node.name",
		"k8s.cluster.name",
		"k8s.deployment.name",
		"container.id",
		"container.image.name",
		"process.pid",
		"process.command",
		"host.name",
		"host.id",
		"os.type",
		"telemetry.sdk.name",
		"k8s.pod.label.app",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct attributes with = {}, without = {};
		char annotation[256];

		snprintf(annotation, sizeof(annotation),
			 ",'annotations':{'resource.opentelemetry.io/%s':'another'}", keys[i]);
		put_metadata(annotation, "i:1", &with);
		put_metadata("", "i:1", &without);
		assert_int_equal(with.nr, without.nr);
		for (size_t j = 0; j < with.nr; j++)
			assert_true(attribute_equal(&with.items[j], &without.items[j]));
		attributes_done(&with);
		attributes_done(&without);
	}
}

static void what_was_there_before_is_replaced_or_kept(void **state)
{
	struct attributes set = {};

	(void)state;
	assert_int_equal(attributes_put_text(&set, "container.id", "id"), 0);
	assert_int_equal(attributes_put_text(&set, "service.name", "old"), 0);
	put_metadata("", "i:1", &set);
	assert_string_equal(attributes_get_text(&set, "container.id"), "id");
	assert_string_equal(attributes_get_text(&set, "service.name"), "p");
	attributes_done(&set);
}

static void chosen_labels_and_annotations_are_shown(void **state)
{
	static char apps[] = "app*", empty[] = "empty", shop[] = "shop.example/*";
	static char *const labels[] = {apps, empty}, *const annotations[] = {shop};
	static const struct pod_attribute_options options = {.cluster_name = "",
							     .node_name = "here",
							     .labels = labels,
							     .nr_labels = 2,
							     .annotations = annotations,
							     .nr_annotations = 1};
	static const char *const expected[] = {
		"k8s.namespace.name=n",
		"k8s.node.name=here",
		"k8s.pod.annotation.shop.example/team=blue",
		"k8s.pod.label.app=web",
		"k8s.pod.label.app.kubernetes.io/name=w",
		"k8s.pod.label.empty=",
		"k8s.pod.name=p",
		"k8s.pod.uid=1",
		"service.name=w",
		"service.namespace=n",
		NULL,
	};
	_cleanup_(pod_freep) struct pod *pod =
		pod_of("{'metadata':{'uid':'1','name':'p','namespace':'n','labels':{'app':'web',"
		       "'app.kubernetes.io/name':'w','empty':'','other':'x'},"
		       "'annotations':{'shop.example/team':'blue','secret':'x'}}}");
	struct attributes set = {};

	(void)state;
	assert_int_equal(pod_attributes_put(pod, NULL, 0, &options, &set), 0);
	check(&set, expected);
	attributes_done(&set);
	assert_true(pod_attributes_want(&options, "shop.example/team"));
	assert_true(pod_attributes_want(&options, "resource.opentelemetry.io/service.name"));
	assert_true(pod_attributes_want(&plain, "resource.opentelemetry.io/team"));
	assert_false(pod_attributes_want(&plain, "shop.example/team"));
	assert_false(pod_attributes_want(&options, "resource.opentelemetry.io/k8s.pod.uid"));
	assert_false(pod_attributes_want(&options, "resource.opentelemetry.io/"));
	assert_false(pod_attributes_want(&options, "resource.opentelemetry.io"));
	assert_false(pod_attributes_want(&options, "secret"));
	assert_false(pod_attributes_want(&options, ""));
}

/* Who annotates a pod cannot drive out what identifies it. */
static void identity_has_room(void **state)
{
	struct attributes set = {};
	char text[16384];
	int length = snprintf(text, sizeof(text),
			      "{'metadata':{'uid':'1','name':'p',"
			      "'namespace':'n','annotations':{");
	_cleanup_(pod_freep) struct pod *pod = NULL;

	(void)state;
	for (int i = 0; i < 2 * ATTRIBUTES_MAX; i++)
		length += snprintf(text + length, sizeof(text) - length,
				   "'resource.opentelemetry.io/a%d':'x',", i);
	snprintf(text + length, sizeof(text) - length, "'z':''}}}");
	pod = pod_of(text);
	assert_int_equal(pod_attributes_put(pod, NULL, 0, &plain, &set), 0);
	assert_int_equal(set.nr, ATTRIBUTES_MAX);
	assert_true(set.nr_left_out >= ATTRIBUTES_MAX);
	assert_string_equal(attributes_get_text(&set, "k8s.pod.uid"), "1");
	assert_string_equal(attributes_get_text(&set, "service.namespace"), "n");
	attributes_done(&set);
}

static void images_come_apart(void **state)
{
	static const struct {
		const char *image, *name, *tag;
	} cases[] = {
		{"nginx", "nginx", ""},
		{"nginx:1.25", "nginx", "1.25"},
		{"library/nginx:1.25", "library/nginx", "1.25"},
		{"registry:5000/shop/web", "registry:5000/shop/web", ""},
		{"registry:5000/shop/web:1.2", "registry:5000/shop/web", "1.2"},
		{"registry:5000/shop/web:1.2@" DIGEST, "registry:5000/shop/web", "1.2"},
		{"registry:5000/shop/web@" DIGEST, "registry:5000/shop/web", ""},
		{"localhost:5000/web", "localhost:5000/web", ""},
		{"[fd00::1]:5000/web:2", "[fd00::1]:5000/web", "2"},
		{DIGEST, "", ""},
		{"", "", ""},
		{":", "", ""},
		{"web:", "web", ""},
		{"@", "", ""},
		{"@" DIGEST, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[POD_MAX_IMAGE_LEN], tag[POD_MAX_IMAGE_LEN];

		pod_image_split(cases[i].image, name, tag);
		assert_string_equal(name, cases[i].name);
		assert_string_equal(tag, cases[i].tag);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_of_a_deployment),
		cmocka_unit_test(without_a_container_its_attributes_are_left_out),
		cmocka_unit_test(the_service_has_its_name_by_the_specification),
		cmocka_unit_test(the_service_has_its_version_by_the_specification),
		cmocka_unit_test(annotations_may_say_what_only_people_know),
		cmocka_unit_test(annotations_may_not_say_who_it_is),
		cmocka_unit_test(what_was_there_before_is_replaced_or_kept),
		cmocka_unit_test(chosen_labels_and_annotations_are_shown),
		cmocka_unit_test(identity_has_room),
		cmocka_unit_test(images_come_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
