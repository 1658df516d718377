/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Owners of owners by name: those of a real cluster, and names that only look so. */
#include "unit.h"

#include <string.h>

#include "identity/kubernetes/pod_owners.h"
#include "pod_fixture.h"

static void check(const struct pod *pod, const struct pod_owners *expected)
{
	struct pod_owners owners;

	memset(&owners, 'x', sizeof(owners));
	pod_owners_of(pod, &owners);
	assert_string_equal(owners.deployment, expected->deployment);
	assert_string_equal(owners.replicaset, expected->replicaset);
	assert_string_equal(owners.statefulset, expected->statefulset);
	assert_string_equal(owners.daemonset, expected->daemonset);
	assert_string_equal(owners.job, expected->job);
	assert_string_equal(owners.cronjob, expected->cronjob);
}

static void those_of_a_real_cluster(void **state)
{
	static const struct {
		const char *pod;
		struct pod_owners owners;
	} cases[] = {
		{"web-86f77979b-z4vmr", {.deployment = "web", .replicaset = "web-86f77979b"}},
		{"db-0", {.statefulset = "db"}},
		{"each-dff2p", {.daemonset = "each"}},
		{"once-mfg4p", {.job = "once"}},
		{"nightly-29921322-gvzmc", {.job = "nightly-29921322", .cronjob = "nightly"}},
		{"fixed-node1", {}}, /* a node owns it */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(pod_freep) struct pod *pod = pod_of_sample("api_list.json", cases[i].pod);

		check(pod, &cases[i].owners);
	}
}

static struct pod *owned(const char *kind, const char *name, const char *hash)
{
	char text[512];

	snprintf(text, sizeof(text),
		 "{'metadata':{'uid':'1','name':'a','namespace':'n',"
		 "'labels':{'pod-template-hash':'%s'},"
		 "'ownerReferences':[{'kind':'%s','name':'%s','controller':true}]}}",
		 hash, kind, name);
	return pod_of(text);
}

static void a_replicaset_may_have_no_deployment(void **state)
{
	static const struct {
		const char *name, *hash, *deployment;
	} cases[] = {
		{"web-5d", "5d", "web"}, {"web-shop-5d", "5d", "web-shop"},
		{"web-5d", "6d", ""},    {"web-5d", "", ""},
		{"web-5d-x", "5d", ""},  {"-5d", "5d", ""},
		{"5d", "5d", ""},        {"web-", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(pod_freep) struct pod *pod =
			owned("ReplicaSet", cases[i].name, cases[i].hash);
		struct pod_owners expected = {};

		strcpy(expected.replicaset, cases[i].name);
		strcpy(expected.deployment, cases[i].deployment);
		check(pod, &expected);
	}
}

static void a_job_may_have_no_cronjob(void **state)
{
	static const struct {
		const char *name, *cronjob;
	} cases[] = {
		{"nightly-29921322", "nightly"},
		{"nightly-run-29921322", "nightly-run"},
		{"nightly-23667840", "nightly"}, /* 2015 */
		{"nightly-23667839", ""},
		{"nightly-20260131", ""}, /* a date */
		{"nightly-1", ""},
		{"nightly-299213221", ""},
		{"nightly-2992132a", ""},
		{"nightly-29921322a", ""},
		{"nightly-29921322-x", ""},
		{"nightly29921322", ""},
		{"-29921322", ""},
		{"29921322", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(pod_freep) struct pod *pod = owned("Job", cases[i].name, "29921322");
		struct pod_owners expected = {};

		strcpy(expected.job, cases[i].name);
		strcpy(expected.cronjob, cases[i].cronjob);
		check(pod, &expected);
	}
}

static void other_kinds_are_none(void **state)
{
	static const char *const kinds[] = {"ReplicationController", "Job.batch.volcano.sh",
					    "replicaset", "Node"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		_cleanup_(pod_freep) struct pod *pod = owned(kinds[i], "web-5d", "5d");

		check(pod, &(struct pod_owners){});
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(those_of_a_real_cluster),
		cmocka_unit_test(a_replicaset_may_have_no_deployment),
		cmocka_unit_test(a_job_may_have_no_cronjob),
		cmocka_unit_test(other_kinds_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
