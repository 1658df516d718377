/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pods as API server and kubelet write them; the ids in the samples are containerd's own. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "pod_fixture.h"

#define ID_FIRST "c930eb0e74c"
#define ID_BESIDE "a61d21024a3"
#define ID_MAIN "269fdece3af"
#define ID_CRASH "9f8bcb90c06"
#define ID_CRASH_BEFORE "dd65d415797"
#define ID_DEBUG "b1fb23da4cf"

static const struct pod_container *container(const struct pod *pod, const char *name)
{
	for (size_t i = 0; i < pod->nr_containers; i++) {
		if (strcmp(pod->containers[i].name, name) == 0)
			return &pod->containers[i];
	}
	fail_msg("no container %s", name);
	return NULL;
}

static void check_container(const struct pod *pod, const char *name, enum pod_container_kind kind,
			    const char *id, long long restart_count)
{
	const struct pod_container *found = container(pod, name);

	assert_int_equal(found->kind, kind);
	assert_int_equal(strncmp(found->id, id, strlen(id)), 0);
	assert_int_equal(strlen(found->id), CONTAINER_ID_LEN - 1);
	assert_int_equal(found->restart_count, restart_count);
	assert_string_equal(found->image, "loopscope.test/loop:1");
}

static void check_web(const struct pod *pod)
{
	assert_string_equal(pod->uid, POD_WEB);
	assert_string_equal(pod->config_hash, "");
	assert_string_equal(pod->name, "web-86f77979b-z4vmr");
	assert_string_equal(pod->namespace, "default");
	assert_string_equal(pod->node_name, "node1");
	assert_string_equal(pod->owner_kind, "ReplicaSet");
	assert_string_equal(pod->owner_name, "web-86f77979b");
	assert_false(pod->deleting);
	assert_false(pod->ended);
	assert_int_equal(pod->nr_labels, 4);
	assert_string_equal(pod_label(pod, "app"), "web");
	assert_string_equal(pod_label(pod, "pod-template-hash"), "86f77979b");
	assert_null(pod_label(pod, "ap"));
	assert_string_equal(pod_annotation(pod, "loopscope/blocking-ms"), "20");
	assert_int_equal(pod->nr_containers, 5);
	check_container(pod, "first", POD_INIT_CONTAINER, ID_FIRST, 0);
	check_container(pod, "beside", POD_INIT_CONTAINER, ID_BESIDE, 0);
	check_container(pod, "main", POD_CONTAINER, ID_MAIN, 0);
	check_container(pod, "crash", POD_CONTAINER, ID_CRASH, 3);
	check_container(pod, "dbg", POD_EPHEMERAL_CONTAINER, ID_DEBUG, 0);
	assert_int_equal(strncmp(container(pod, "crash")->previous_id, ID_CRASH_BEFORE, 11), 0);
	assert_string_equal(container(pod, "main")->previous_id, "");
	assert_true(pod->nr_bytes > 1000 && pod->nr_bytes < 4000);
}

static void api_server_and_kubelet_tell_the_same(void **state)
{
	static const char name[] = "web-86f77979b-z4vmr";
	_cleanup_(pod_freep) struct pod *api = pod_of_sample("api_list.json", name);
	_cleanup_(pod_freep) struct pod *kubelet = pod_of_sample("kubelet_pods.json", name);

	(void)state;
	check_web(api);
	check_web(kubelet);
	assert_int_equal(api->nr_annotations, 3);
	/* it adds where it has the pod from, and when it saw it first */
	assert_int_equal(kubelet->nr_annotations, 5);
	assert_string_equal(pod_annotation(kubelet, "kubernetes.io/config.source"), "api");
}

static void static_pods_have_the_hash_of_their_cgroups(void **state)
{
	static const char hash[] = "450548cfc2101996754d88c1ad50bc41";
	_cleanup_(pod_freep) struct pod *mirror = pod_of_sample("api_list.json", "fixed-node1");
	_cleanup_(pod_freep) struct pod *own = pod_of_sample("kubelet_pods.json", "fixed-node1");

	(void)state;
	assert_string_equal(mirror->uid, "636f9793-ff20-4fcf-8503-373776571f15");
	assert_string_equal(mirror->config_hash, hash);
	assert_string_equal(mirror->owner_kind, "Node");
	assert_string_equal(own->uid, hash);
	assert_string_equal(own->config_hash, hash);
	assert_string_equal(own->owner_kind, "");
	assert_string_equal(mirror->containers[0].id, own->containers[0].id);
}

static void a_hash_that_anybody_could_write_is_not_believed(void **state)
{
	static const char of_another[] = "{'metadata':{'uid':'11','name':'a','namespace':'n',"
					 "'annotations':{'kubernetes.io/config.hash':'22'%s}}}";
	static const struct {
		const char *more, *hash;
	} cases[] = {
		{"", ""},
		{",'kubernetes.io/config.source':'file'", ""},
		{",'kubernetes.io/config.mirror':'33'", ""},
		{",'kubernetes.io/config.mirror':'22'", "22"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[256];
		_cleanup_(pod_freep) struct pod *pod = NULL;

		snprintf(text, sizeof(text), of_another, cases[i].more);
		pod = pod_of(text);
		assert_string_equal(pod->config_hash, cases[i].hash);
	}
}

static void jobs_end(void **state)
{
	_cleanup_(pod_freep) struct pod *job = pod_of_sample("api_list.json", "once-mfg4p");

	(void)state;
	assert_string_equal(job->owner_kind, "Job");
	assert_true(job->ended);
}

static void annotations_are_kept_if_wanted(void **state)
{
	_cleanup_(json_decrefp) json_t *object =
		json_of("{'metadata':{'uid':'1','name':'a','namespace':'n','labels':{},"
			"'annotations':{'b':'2','a':''}}}");
	static const struct pod_parse_options none = {};
	struct pod *pod = NULL;

	(void)state;
	assert_int_equal(pod_from_json(object, NULL, &pod), 0);
	assert_int_equal(pod->nr_annotations, 0);
	pod_free(pod);
	assert_int_equal(pod_from_json(object, &none, &pod), 0);
	assert_null(pod_annotation(pod, "a"));
	pod_free(pod);
	assert_int_equal(pod_from_json(object, &keep_annotations, &pod), 0);
	assert_string_equal(pod_annotation(pod, "a"), "");
	assert_string_equal(pod->annotations[1].key, "b");
	pod_free(pod);
}

static void groups_of_owners_are_told_if_they_are_others(void **state)
{
	static const struct {
		const char *reference, *kind, *name;
	} cases[] = {
		{"{'apiVersion':'apps/v1','kind':'ReplicaSet','name':'a','controller':true}",
		 "ReplicaSet", "a"},
		{"{'apiVersion':'batch/v1','kind':'Job','name':'a','controller':true}", "Job", "a"},
		{"{'apiVersion':'v1','kind':'Node','name':'a','controller':true}", "Node", "a"},
		{"{'kind':'Job','name':'a','controller':true}", "Job", "a"},
		{"{'apiVersion':'batch.volcano.sh/v1','kind':'Job','name':'a','controller':true}",
		 "Job.batch.volcano.sh", "a"},
		{"{'apiVersion':'apps.kruise.io/v1','kind':'DaemonSet','name':'a',"
		 "'controller':true}",
		 "DaemonSet.apps.kruise.io", "a"},
		{"{'kind':'Job','name':'a'},{'kind':'X','name':'b','controller':true}", "X", "b"},
		{"{'kind':'Job','name':'a','controller':false}", "", ""},
		{"{'kind':'Job','name':'a','controller':'true'}", "", ""},
		{"{'kind':'Job','name':'','controller':true}", "", ""},
		{"{'kind':'J b','name':'a','controller':true}", "", ""},
		{"{'apiVersion':' x/v1','kind':'Job','name':'a','controller':true}", "", ""},
		{"null,1,[],{}", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[512];
		_cleanup_(pod_freep) struct pod *pod = NULL;

		snprintf(text, sizeof(text),
			 "{'metadata':{'uid':'1','name':'a','namespace':'n','ownerReferences':[%s]}"
			 "}",
			 cases[i].reference);
		pod = pod_of(text);
		assert_string_equal(pod->owner_kind, cases[i].kind);
		assert_string_equal(pod->owner_name, cases[i].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(api_server_and_kubelet_tell_the_same),
		cmocka_unit_test(static_pods_have_the_hash_of_their_cgroups),
		cmocka_unit_test(a_hash_that_anybody_could_write_is_not_believed),
		cmocka_unit_test(jobs_end),
		cmocka_unit_test(annotations_are_kept_if_wanted),
		cmocka_unit_test(groups_of_owners_are_told_if_they_are_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
