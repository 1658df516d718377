/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Each allocation of a load fails in turn: the load then fails as a whole, with
 * nothing leaked and nothing half done. Linked with --wrap for what allocates.
 */
#include "unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/settings/settings.h"
#include "failing_memory.h"

/* How the load ends when the allocation after `after` fails; whether one did fail. */
static bool load_failing(const char *yaml, int after, int expected)
{
	static const char *const environ_[] = {"OTEL_RESOURCE_ATTRIBUTES=a=b,service.name=c,"
					       "k8s.cluster.name=d",
					       "OTEL_EXPORTER_OTLP_HEADERS=a=b",
					       "OTEL_EXPORTER_OTLP_ENDPOINT=http://h", "A=1", NULL};
	static struct text_pair flag = {(char *)"limits.loops", (char *)"5"};
	const struct settings_sources sources = {
		.file = "test.yaml", .environ_ = environ_, .flags = {&flag, 1}};
	_cleanup_(settings_freep) struct settings *settings = NULL;
	_cleanup_(settings_errors_done) struct settings_errors errors = {};
	bool failed;
	int r;

	until_failure = after;
	r = settings_load_text(&sources, yaml, strlen(yaml), &settings, &errors);
	failed = until_failure == NEVER && after != NEVER;
	until_failure = NEVER;
	assert_int_equal(!r, settings != NULL);
	if (!failed)
		assert_int_equal(r, expected);
	else if (r != -ENOMEM && r != expected)
		fail_msg("after %d allocations: %d", after, r);
	return failed;
}

static void assert_survives(const char *yaml, int expected)
{
	int after = 0;

	while (load_failing(yaml, after, expected))
		after++;
	assert_true(after > 200);
}

static void test_good(void **state)
{
	(void)state;
	assert_survives("targets:\n"
			"  - {name: a, include: [{comm: x}, {cgroup: y}], exclude: [{comm: z}]}\n"
			"  - {name: b, thresholds: {blocking_ms: '${A}'}}\n"
			"  - {name: c, include: [{namespace: a, pod_labels: 'b in (c,d),!e'}]}\n"
			"kubernetes: {pods: api, node_name: n, labels: [a]}\n"
			"attributes: {keep: [a, b], resource: {x: y}}\n"
			"prometheus: {labels: [a, b], bounds_ms: [1, 2]}\n"
			"export: {otlp: {headers: {c: d}, proxy: 'http://p'}}\n",
			0);
}

static void test_wrong(void **state)
{
	(void)state;
	assert_survives(
		"targets: [{name: a, include: [{comm: '['}, {}, {pod_labels: '='}]}, {name: a}, "
		"{}]\n"
		"kubernetes: {pods: api, kubelet: {endpoint: 'http://a@b'}}\n"
		"exprot: 1\n"
		"limits: {loops: '${NONE}', series: x}\n"
		"attributes: {keep: ['['], resource: {x: [y]}}\n",
		-EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests_name("settings_memory", tests, NULL, NULL);
}
