/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* /debug/loops: valid JSON whatever the names are, and the figures' own numbers in it. */
#include "unit.h"

#include <jansson.h>
#include <string.h>

#include "base/buffer.h"
#include "example_figures.h"
#include "export/loops_json.h"

static json_t *decoded(const struct figures *figures)
{
	struct buffer out = {};
	json_error_t error;
	json_t *root;

	assert_int_equal(loops_json_encode(figures, &out), 0);
	root = json_loadb((const char *)out.data, out.size, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		fail_msg("%s at %d: %.*s", error.text, error.position, (int)out.size,
			 (const char *)out.data);
	buffer_done(&out);
	return root;
}

static void figures_are_there(void **state)
{
	json_t *root = decoded(example_figures()), *loop, *agent;
	double p95, cpu, max_lag, run_time;
	json_int_t lost;
	const char *name;
	int ended;

	(void)state;
	assert_int_equal(json_array_size(json_object_get(root, "loops")), 3);
	loop = json_array_get(json_object_get(root, "loops"), 0);
	assert_int_equal(json_unpack(loop, "{s:{s:s}, s:{s:{s:F}, s:{s:F}}, s:{s:F}, s:b}",
				     "resource", "service.name", &name, "totals", "time_ms", "cpu",
				     &cpu, "lag_ms", "p95", &p95, "gauges", "max_lag_ms", &max_lag,
				     "ended", &ended),
			 0);
	assert_string_equal(name, "redis");
	assert_near(cpu, 12000, 0);
	assert_near(max_lag, 119.25, 0);
	assert_false(ended);
	/* the bucket (76.1, 90.5]: 95 % of 600 are at 150 of its 180 */
	assert_near(p95, 90.51 * exp2(-30 / 180.0 / 4), 0.1);
	agent = json_object_get(root, "agent");
	assert_int_equal(json_unpack(agent, "{s:[{s:I}], s:[{s:s, s:F}]}", "loopscope.records.lost",
				     "value", &lost, "loopscope.program.run_time",
				     "bpf.program.name", &name, "value", &run_time),
			 0);
	assert_int_equal(lost, 4);
	assert_string_equal(name, "on_switch");
	assert_near(run_time, 0.25, 0);
	json_decref(root);
}

/* An interval that is not complete, and a loop that has ended. */
static void what_is_not_known_is_null(void **state)
{
	json_t *root = decoded(example_figures()), *loops = json_object_get(root, "loops");
	json_t *young = json_object_get(json_array_get(loops, 1), "gauges");
	json_t *ended = json_array_get(loops, 2);

	(void)state;
	assert_true(json_is_null(json_object_get(young, "utilization_percent")));
	assert_true(json_is_null(json_object_get(ended, "gauges")));
	assert_true(json_is_true(json_object_get(ended, "ended")));
	assert_string_equal(json_string_value(json_object_get(ended, "thread")), "work\"er\\\n1");
	assert_true(json_is_null(json_object_get(
		json_object_get(json_object_get(ended, "totals"), "lag_ms"), "p50")));
	json_decref(root);
}

static void names_that_are_no_text(void **state)
{
	static const struct attribute attribute = ATTRIBUTE_OF_TEXT("thread.name", "\xff\x01\xc3");
	static struct loop_totals totals = {
		.busy = {.count = 1, .sum = INFINITY, .buckets = {[HISTOGRAM_NR_BUCKETS - 1] = 1}},
	};
	static struct loop_figures loop = {
		.attributes = &attribute, .nr_attributes = 1, .totals = &totals};
	static struct resource_figures resource;
	struct figures *figures = example_figures();
	json_t *root, *made;

	(void)state;
	resource = figures->resources[0];
	resource.loops = &loop;
	figures->resources = &resource;
	figures->nr_resources = 1;
	root = decoded(figures);
	made = json_array_get(json_object_get(root, "loops"), 0);
	assert_string_equal(json_string_value(json_object_get(made, "thread")),
			    "\xef\xbf\xbd\x01\xef\xbf\xbd");
	assert_true(json_is_null(json_object_get(made, "id")));
	json_decref(root);
}

static void no_loops(void **state)
{
	struct figures *figures = example_figures();
	json_t *root;

	(void)state;
	figures->nr_resources = 0;
	root = decoded(figures);
	assert_int_equal(json_array_size(json_object_get(root, "loops")), 0);
	assert_string_equal(json_string_value(json_object_get(root, "time")),
			    "2025-10-09T08:54:20.000Z");
	json_decref(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(figures_are_there),
		cmocka_unit_test(what_is_not_known_is_null),
		cmocka_unit_test(names_that_are_no_text),
		cmocka_unit_test(no_loops),
	};

	return cmocka_run_group_tests_name("loops_json", tests, NULL, NULL);
}
