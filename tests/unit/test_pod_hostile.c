/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pods that cannot be, or are meant to do harm: what is kept of them has its bounds. */
#include "unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "pod_fixture.h"

#define MANY 100000
#define LONG 10240
#define NAMED "'uid':'1','name':'a','namespace':'n'"
#define EURO "\xe2\x82\xac"

static void what_is_no_pod_is_refused(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"{'metadata':[]}",
		"{'metadata':null}",
		"{'metadata':{'name':'a','namespace':'n'}}",
		"{'metadata':{'uid':'1','namespace':'n'}}",
		"{'metadata':{'uid':'1','name':'a'}}",
		"{'metadata':{'uid':1,'name':'a','namespace':'n'}}",
		"{'metadata':{'uid':'','name':'a','namespace':'n'}}",
		"{'metadata':{'uid':'-','name':'a','namespace':'n'}}",
		"{'metadata':{'uid':'1/2','name':'a','namespace':'n'}}",
		"{'metadata':{'uid':'xyz','name':'a','namespace':'n'}}",
		"{'metadata':{'uid':'257a1b36-6033-4bcb-ba7f-33f8a10e5b1d0','name':'a',"
		"'namespace':'n'}}",
		"{'metadata':{'uid':'1\\u0000','name':'a','namespace':'n'}}",
		"{'metadata':{'uid':'1','name':'A','namespace':'n'}}",
		"{'metadata':{'uid':'1','name':'../a','namespace':'n'}}",
		"{'metadata':{'uid':'1','name':'a\\nb','namespace':'n'}}",
		"{'metadata':{'uid':'1','name':'a','namespace':''}}",
		"{'metadata':{'uid':'1','name':'a','namespace':['n']}}",
		"{'metadata':{'uid':'1','name':'a\\u0000','namespace':'n'}}",
	};
	struct pod *pod = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		if (pod_parse(texts[i], &pod) != -EINVAL)
			fail_msg("not refused: %s", texts[i]);
	}
	assert_int_equal(pod_from_json(NULL, NULL, &pod), -EINVAL);
	assert_null(pod);
}

static void wrong_types_are_as_good_as_missing(void **state)
{
	static const char *const texts[] = {
		"{'metadata':{" NAMED "}}",
		"{'metadata':{" NAMED ",'labels':[],'annotations':1,'ownerReferences':{},"
		"'deletionTimestamp':1},'spec':[],'status':'x'}",
		"{'metadata':{" NAMED ",'labels':{'a':1,'b':null,'c':{},'d':['x']},"
		"'annotations':{'a':{}},'ownerReferences':[1,null,[{}]]},"
		"'spec':{'containers':{},'initContainers':'x','nodeName':7},"
		"'status':{'phase':[],'containerStatuses':[1,{},{'name':1},{'name':'z'}]}}",
	};
	_cleanup_(pod_freep) struct pod *bare = pod_of(texts[0]);

	(void)state;
	for (size_t i = 1; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(pod_freep) struct pod *pod = pod_of(texts[i]);

		assert_true(pod_equal(bare, pod));
	}
}

static void uids_are_in_lower_case(void **state)
{
	_cleanup_(pod_freep) struct pod *pod =
		pod_of("{'metadata':{'uid':'257A1B36-6033-4BCB-BA7F-33F8A10E5B1D','name':'a',"
		       "'namespace':'n'}}");

	(void)state;
	assert_string_equal(pod->uid, POD_WEB);
}

static json_t *bare_pod(void)
{
	return json_of("{'metadata':{" NAMED "},'spec':{},'status':{}}");
}

static json_t *repeated(char c, int nr, const char *end)
{
	_cleanup_(freep) char *text = malloc(nr + strlen(end) + 1);

	assert_non_null(text);
	memset(text, c, nr);
	strcpy(text + nr, end);
	return json_string(text);
}

static json_t *many_texts(int nr)
{
	json_t *object = json_object();
	char key[32];

	for (int i = 0; i < nr; i++) {
		snprintf(key, sizeof(key), "key%d", i);
		json_object_set_new(object, key, json_string("value"));
	}
	return object;
}

static struct pod *parse(const json_t *object)
{
	struct pod *pod = NULL;

	assert_int_equal(pod_from_json(object, &keep_annotations, &pod), 0);
	return pod;
}

static void labels_are_bounded_in_number(void **state)
{
	_cleanup_(json_decrefp) json_t *object = bare_pod();
	json_t *metadata = json_object_get(object, "metadata");
	_cleanup_(pod_freep) struct pod *pod = NULL;

	(void)state;
	json_object_set_new(metadata, "labels", many_texts(MANY));
	json_object_set_new(metadata, "annotations", many_texts(MANY));
	pod = parse(object);
	assert_int_equal(pod->nr_labels, POD_MAX_LABELS);
	assert_int_equal(pod->nr_annotations, POD_MAX_LABELS);
	assert_string_equal(pod_label(pod, "key0"), "value");
	assert_true(pod->nr_bytes < 32768);
}

/* Half a value would match what the whole does not. */
static void long_labels_are_left_out(void **state)
{
	_cleanup_(json_decrefp) json_t *object = bare_pod();
	json_t *labels = json_object(), *key;
	_cleanup_(pod_freep) struct pod *pod = NULL;

	(void)state;
	json_object_set_new(json_object_get(object, "metadata"), "labels", labels);
	json_object_set_new(labels, "fits", repeated('v', POD_MAX_LABEL_VALUE, ""));
	json_object_set_new(labels, "long", repeated('v', POD_MAX_LABEL_VALUE, "v"));
	json_object_set_new(labels, "longest", repeated('v', LONG, ""));
	json_object_set_new(labels, "nul", json_stringn("a\0b", 3));
	key = repeated('k', POD_MAX_LABEL_KEY, "");
	json_object_set_new(labels, json_string_value(key), json_string("fits"));
	json_decref(key);
	key = repeated('k', LONG, "");
	json_object_set_new(labels, json_string_value(key), json_string("long"));
	json_decref(key);
	pod = parse(object);
	assert_int_equal(pod->nr_labels, 2);
	assert_int_equal(strlen(pod_label(pod, "fits")), POD_MAX_LABEL_VALUE);
	assert_string_equal(pod->labels[1].value, "fits");
}

static void long_annotations_are_cut_at_a_character(void **state)
{
	_cleanup_(json_decrefp) json_t *object = bare_pod();
	json_t *annotations = json_object();
	_cleanup_(pod_freep) struct pod *pod = NULL;

	(void)state;
	json_object_set_new(json_object_get(object, "metadata"), "annotations", annotations);
	json_object_set_new(annotations, "fits", repeated('v', POD_MAX_ANNOTATION, ""));
	json_object_set_new(annotations, "long", repeated('v', POD_MAX_ANNOTATION - 1, EURO));
	pod = parse(object);
	assert_int_equal(strlen(pod_annotation(pod, "fits")), POD_MAX_ANNOTATION);
	assert_int_equal(strlen(pod_annotation(pod, "long")), POD_MAX_ANNOTATION - 1);
}

static void names_are_bounded(void **state)
{
	_cleanup_(json_decrefp) json_t *object = bare_pod();
	json_t *metadata = json_object_get(object, "metadata");
	_cleanup_(pod_freep) struct pod *pod = NULL;
	struct pod *none = NULL;

	(void)state;
	json_object_set_new(metadata, "name", repeated('n', POD_NAME_LEN - 1, ""));
	json_object_set_new(json_object_get(object, "spec"), "nodeName", repeated('n', LONG, ""));
	json_object_set_new(metadata, "ownerReferences",
			    json_pack("[{s:s,s:o,s:b}]", "kind", "Job", "name",
				      repeated('n', LONG, ""), "controller", 1));
	pod = parse(object);
	assert_int_equal(strlen(pod->name), POD_NAME_LEN - 1);
	assert_string_equal(pod->node_name, "");
	assert_string_equal(pod->owner_kind, "");
	json_object_set_new(metadata, "name", repeated('n', LONG, ""));
	assert_int_equal(pod_from_json(object, NULL, &none), -EINVAL);
}

static void containers_are_bounded(void **state)
{
	_cleanup_(json_decrefp) json_t *object = bare_pod();
	json_t *list = json_array(), *states = json_array();
	_cleanup_(pod_freep) struct pod *pod = NULL;

	(void)state;
	json_array_append_new(list, json_pack("{s:o,s:o}", "name", repeated('c', LONG, ""), "image",
					      repeated('i', LONG, "")));
	for (int i = 0; i < MANY; i++) {
		json_array_append_new(list, json_pack("{s:s}", "name", "same"));
		json_array_append_new(states, json_pack("{s:s,s:I}", "name", "same", "restartCount",
							(json_int_t)i));
	}
	json_object_set_new(json_object_get(object, "spec"), "initContainers", list);
	json_object_set_new(json_object_get(object, "status"), "initContainerStatuses", states);
	pod = parse(object);
	assert_int_equal(pod->nr_containers, POD_MAX_CONTAINERS);
	assert_string_equal(pod->containers[0].name, "");
	assert_string_equal(pod->containers[0].image, "");
	assert_string_equal(pod->containers[1].name, "same");
}

static struct pod *with_state(const char *key, const char *value)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "{'metadata':{" NAMED "},'spec':{'containers':[{'name':'c'}]},"
		 "'status':{'containerStatuses':[{'name':'c','%s':%s}]}}",
		 key, value);
	return pod_of(text);
}

static void restart_counts_are_whole_numbers(void **state)
{
	static const struct {
		const char *text;
		long long count;
	} cases[] = {
		{"7", 7},
		{"-7", 0},
		{"'7'", 0},
		{"7.5", 0},
		{"1e300", 0},
		{"null", 0},
		{"9223372036854775807", LLONG_MAX},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(pod_freep) struct pod *pod = with_state("restartCount", cases[i].text);

		assert_true(pod->containers[0].restart_count == cases[i].count);
	}
}

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define ID_UPPER "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"

static void ids_are_64_digits_behind_the_runtime(void **state)
{
	static const struct {
		const char *text, *id;
	} cases[] = {
		{"'containerd://" ID "'", ID},
		{"'cri-o://" ID "'", ID},
		{"'docker://" ID "'", ID},
		{"'docker://" ID_UPPER "'", ID},
		{"'" ID "'", ""},
		{"''", ""},
		{"'://'", ""},
		{"'containerd://'", ""},
		{"'containerd://" ID "0'", ""},
		{"'containerd://" ID "/x'", ""},
		{"'containerd://012345'", ""},
		{"'containerd:///" ID "'", ""},
		{"'containerd://" ID "\\u0000'", ""},
		{"'containerd://../../../etc/passwd'", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(pod_freep) struct pod *pod = with_state("containerID", cases[i].text);

		assert_string_equal(pod->containers[0].id, cases[i].id);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_pod_is_refused),
		cmocka_unit_test(wrong_types_are_as_good_as_missing),
		cmocka_unit_test(uids_are_in_lower_case),
		cmocka_unit_test(labels_are_bounded_in_number),
		cmocka_unit_test(long_labels_are_left_out),
		cmocka_unit_test(long_annotations_are_cut_at_a_character),
		cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(containers_are_bounded),
		cmocka_unit_test(restart_counts_are_whole_numbers),
		cmocka_unit_test(ids_are_64_digits_behind_the_runtime),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
