/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What a pod is asked for: containers by id, labels, whether it has changed. */
#include "unit.h"

#include <string.h>

#include "pod_fixture.h"

#define SIX(digits) digits digits digits digits digits digits
#define ID_NOW SIX("a123456789") "abcd"
#define ID_BEFORE SIX("b123456789") "abcd"
#define ID_INIT SIX("c123456789") "abcd"

#define STATES(spec, status)                                  \
	"{'metadata':{'uid':'1','name':'a','namespace':'n'}," \
	"'spec':{" spec "},'status':{" status "}}"
#define STATE(id, last, count)                                                       \
	"{'name':'c','containerID':'containerd://" id "','lastState':{'terminated':" \
	"{'containerID':'containerd://" last "'}},'restartCount':" count "}"

static void containers_are_found_by_either_run(void **state)
{
	_cleanup_(pod_freep) struct pod *pod =
		pod_of(STATES("'containers':[{'name':'b'},{'name':'c'}]",
			      "'containerStatuses':[" STATE(ID_NOW, ID_BEFORE, "3") "]"));
	const struct pod_container *c = &pod->containers[1];
	long long count = -1;

	(void)state;
	assert_ptr_equal(pod_container_of_id(pod, ID_NOW, &count), c);
	assert_int_equal(count, 3);
	assert_ptr_equal(pod_container_of_id(pod, ID_BEFORE, &count), c);
	assert_int_equal(count, 2);
	count = -1;
	assert_null(pod_container_of_id(pod, ID_INIT, &count));
	assert_null(pod_container_of_id(pod, "", &count));
	assert_int_equal(count, -1);
}

/* In CrashLoopBackOff the latest run is its own last state. */
static void one_that_waits_for_its_restart_has_not_restarted(void **state)
{
	_cleanup_(pod_freep) struct pod *pod =
		pod_of(STATES("'containers':[{'name':'c'}]",
			      "'containerStatuses':[" STATE(ID_NOW, ID_NOW, "3") "]"));
	long long count = -1;

	(void)state;
	assert_string_equal(pod->containers[0].previous_id, "");
	assert_non_null(pod_container_of_id(pod, ID_NOW, &count));
	assert_int_equal(count, 3);
}

static void states_are_those_of_the_kind(void **state)
{
	_cleanup_(pod_freep) struct pod *pod =
		pod_of(STATES("'containers':[{'name':'c'}],'initContainers':[{'name':'c'}],"
			      "'ephemeralContainers':[{'name':'c'}]",
			      "'containerStatuses':[" STATE(
				      ID_NOW, "", "1") "],"
						       "'initContainerStatuses':[" STATE(
							       ID_INIT, "", "2") ",{'name':'x'}]"));

	(void)state;
	assert_int_equal(pod->nr_containers, 3);
	assert_string_equal(pod->containers[0].id, ID_NOW);
	assert_int_equal(pod->containers[1].kind, POD_INIT_CONTAINER);
	assert_string_equal(pod->containers[1].id, ID_INIT);
	assert_int_equal(pod->containers[2].kind, POD_EPHEMERAL_CONTAINER);
	assert_string_equal(pod->containers[2].id, "");
}

static void labels_are_sorted(void **state)
{
	_cleanup_(pod_freep) struct pod *pod =
		pod_of("{'metadata':{'uid':'1','name':'a','namespace':'n',"
		       "'labels':{'z':'1','a':'2','m':'','aa':'4'}}}");

	(void)state;
	assert_int_equal(pod->nr_labels, 4);
	for (size_t i = 1; i < pod->nr_labels; i++)
		assert_true(strcmp(pod->labels[i - 1].key, pod->labels[i].key) < 0);
	assert_string_equal(pod_label(pod, "z"), "1");
	assert_string_equal(pod_label(pod, "aa"), "4");
	assert_string_equal(pod_label(pod, "m"), "");
	assert_null(pod_label(pod, "b"));
	assert_null(pod_label(pod, ""));
	assert_null(pod_annotation(pod, "a"));
	pod_free(NULL);
}

/* Of all that is read, one thing less or more. */
static void every_change_is_one(void **state)
{
	static const char base[] = STATES("'containers':[{'name':'c'}]", "");
	static const char *const others[] = {
		"{'metadata':{'uid':'2','name':'a','namespace':'n'},"
		"'spec':{'containers':[{'name':'c'}]}}",
		"{'metadata':{'uid':'1','name':'b','namespace':'n'},"
		"'spec':{'containers':[{'name':'c'}]}}",
		"{'metadata':{'uid':'1','name':'a','namespace':'m'},"
		"'spec':{'containers':[{'name':'c'}]}}",
		"{'metadata':{'uid':'1','name':'a','namespace':'n','labels':{'a':'b'}},"
		"'spec':{'containers':[{'name':'c'}]}}",
		"{'metadata':{'uid':'1','name':'a','namespace':'n','annotations':{'a':'b'}},"
		"'spec':{'containers':[{'name':'c'}]}}",
		"{'metadata':{'uid':'1','name':'a','namespace':'n',"
		"'annotations':{'kubernetes.io/config.hash':'1'}},"
		"'spec':{'containers':[{'name':'c'}]}}",
		"{'metadata':{'uid':'1','name':'a','namespace':'n','deletionTimestamp':'x'},"
		"'spec':{'containers':[{'name':'c'}]}}",
		"{'metadata':{'uid':'1','name':'a','namespace':'n',"
		"'ownerReferences':[{'kind':'K','name':'o','controller':true}]},"
		"'spec':{'containers':[{'name':'c'}]}}",
		STATES("'containers':[{'name':'c'}],'nodeName':'x'", ""),
		STATES("'containers':[{'name':'d'}]", ""),
		STATES("'containers':[{'name':'c','image':'x'}]", ""),
		STATES("'initContainers':[{'name':'c'}]", ""),
		STATES("'containers':[{'name':'c'},{'name':'d'}]", ""),
		STATES("'containers':[{'name':'c'}]", "'phase':'Failed'"),
		STATES("'containers':[{'name':'c'}]",
		       "'containerStatuses':[" STATE(ID_NOW, "", "0") "]"),
		STATES("'containers':[{'name':'c'}]",
		       "'containerStatuses':[" STATE("", ID_NOW, "0") "]"),
		STATES("'containers':[{'name':'c'}]",
		       "'containerStatuses':[" STATE("", "", "1") "]"),
	};
	_cleanup_(pod_freep) struct pod *a = pod_of(base), *b = pod_of(base);

	(void)state;
	assert_true(pod_equal(a, b));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		_cleanup_(pod_freep) struct pod *other = pod_of(others[i]);

		if (pod_equal(a, other) || pod_equal(other, a))
			fail_msg("no change: %s", others[i]);
	}
}

static void what_nobody_reads_is_no_change(void **state)
{
	_cleanup_(pod_freep) struct pod *a = pod_of(STATES("'containers':[{'name':'c'}]", ""));
	_cleanup_(pod_freep) struct pod *b =
		pod_of("{'metadata':{'uid':'1','name':'a','namespace':'n','resourceVersion':'9'},"
		       "'spec':{'containers':[{'name':'c','args':['x']}],'hostNetwork':true},"
		       "'status':{'phase':'Running','podIP':'10.0.0.1'}}");

	(void)state;
	assert_true(pod_equal(a, b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(containers_are_found_by_either_run),
		cmocka_unit_test(one_that_waits_for_its_restart_has_not_restarted),
		cmocka_unit_test(states_are_those_of_the_kind),
		cmocka_unit_test(labels_are_sorted),
		cmocka_unit_test(every_change_is_one),
		cmocka_unit_test(what_nobody_reads_is_no_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
