/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What holds for every exposition: labels that tell series apart, pieces, errors of the writer. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "example_figures.h"
#include "export/prometheus/exposition.h"
#include "many_figures.h"

#define MAX_PIECE ((size_t)64 << 10)

static const double bounds_ms[] = {1, 10};

static int append(const void *data, size_t size, void *context)
{
	assert_in_range(size, 1, MAX_PIECE);
	return buffer_append(context, data, size);
}

/* Terminated. */
static struct buffer encoded(const struct figures *figures, enum exposition_format format,
			     char **names, size_t nr_names)
{
	const struct text_list labels = {names, nr_names};
	const struct exposition_options options = {format, bounds_ms, 2, &labels};
	struct buffer out = {};

	assert_int_equal(exposition_encode(figures, &options, append, &out), 0);
	assert_int_equal(buffer_append(&out, "", 1), 0);
	return out;
}

static void assert_contains(const struct buffer *text, const char *line)
{
	if (!strstr((const char *)text->data, line))
		fail_msg("not there: %s", line);
}

static void assert_lacks(const struct buffer *text, const char *line)
{
	if (strstr((const char *)text->data, line))
		fail_msg("there: %s", line);
}

#define INSTANCE_1 "service_instance_id=\"5d5e3b0e-0000-4000-8000-000000000001\""
#define INSTANCE_2 "service_instance_id=\"5d5e3b0e-0000-4000-8000-000000000002\""

/* No label that is wanted is one process's own: then the instance id is there, too. */
static void processes_are_told_apart(void **state)
{
	char *service[] = {"service.name", "no.such"};
	struct buffer out = encoded(example_figures(), EXPOSITION_TEXT, service, 2);

	(void)state;
	assert_contains(&out, "event_loop_events_total{event_loop_id=\"4242\"," INSTANCE_1
			      ",service_name=\"redis\",thread_name=\"redis-server\"} 1080\n");
	assert_contains(&out, INSTANCE_2);
	buffer_done(&out);
	out = encoded(example_figures(), EXPOSITION_TEXT, NULL, 0);
	assert_contains(&out, "event_loop_events_total{event_loop_id=\"4242\"," INSTANCE_1
			      ",thread_name=\"redis-server\"} 1080\n");
	buffer_done(&out);
}

/* A process that has run another program: its pid is the same, its instance id is not. */
static void a_pid_of_two_is_told_apart(void **state)
{
	static struct attribute copied[8];
	static struct attributes successor;
	static struct resource_figures resources[3];
	struct figures *figures = example_figures();
	char *pid[] = {"process.pid"};
	struct buffer out;

	(void)state;
	memcpy(resources, figures->resources, 2 * sizeof(resources[0]));
	resources[2] = resources[1];
	memcpy(copied, resources[1].attributes->items,
	       resources[1].attributes->nr * sizeof(copied[0]));
	copied[3].text = "another";
	successor = (struct attributes){copied, resources[1].attributes->nr, 0};
	resources[2].attributes = &successor;
	figures->resources = resources;
	figures->nr_resources = 3;
	out = encoded(figures, EXPOSITION_TEXT, pid, 1);
	assert_contains(&out, "process_pid=\"4300\"," INSTANCE_2 ",thread_name");
	assert_contains(&out, "process_pid=\"4300\",service_instance_id=\"another\",thread_name");
	/* whose pid is its own needs no more */
	assert_contains(&out, "process_pid=\"4242\",thread_name");
	buffer_done(&out);
}

/* Workers that a variable gave one instance id; runs of a container, which are one instance. */
static void an_instance_of_two_is_told_apart(void **state)
{
	static struct attribute copied[8];
	static struct attributes sibling;
	static struct resource_figures resources[3];
	struct figures *figures = example_figures();
	char *keys[] = {"service.instance.id", "no.such"};

	(void)state;
	memcpy(resources, figures->resources, 2 * sizeof(resources[0]));
	resources[2] = resources[1];
	sibling = (struct attributes){copied, resources[1].attributes->nr, 0};
	memcpy(copied, resources[1].attributes->items, sibling.nr * sizeof(copied[0]));
	for (size_t i = 0; i < sibling.nr; i++) {
		if (!strcmp(copied[i].key, "process.pid"))
			copied[i].integer = 4301;
	}
	resources[2].attributes = &sibling;
	figures->resources = resources;
	figures->nr_resources = 3;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) { /* it is wanted, or put in their stead */
		struct buffer out = encoded(figures, EXPOSITION_TEXT, &keys[i], 1);

		assert_contains(&out, "process_pid=\"4300\"," INSTANCE_2 ",thread_name");
		assert_contains(&out, "process_pid=\"4301\"," INSTANCE_2 ",thread_name");
		assert_contains(&out, "{event_loop_id=\"4242\"," INSTANCE_1 ",thread_name");
		buffer_done(&out);
	}
}

static void a_label_given_twice_is_one(void **state)
{
	char *twice[] = {"process.pid", "process.pid", "thread.name"};
	struct buffer out = encoded(example_figures(), EXPOSITION_TEXT, twice, 3);

	(void)state;
	assert_contains(&out, "event_loop_events_total{event_loop_id=\"4242\",process_pid=\"4242\","
			      "thread_name=\"redis-server\"} 1080\n");
	buffer_done(&out);
}

static void overflow_is_a_series(void **state)
{
	static const struct attribute attribute =
		ATTRIBUTE_OF_BOOLEAN("otel.metric.overflow", true);
	static struct loop_totals totals = {.iterations = 77};
	static struct loop_figures overflow = {
		.attributes = &attribute, .nr_attributes = 1, .totals = &totals};
	static struct resource_figures resources[2];
	struct figures *figures = example_figures();
	char *pid[] = {"process.pid"};
	struct buffer out;

	(void)state;
	memcpy(resources, figures->resources, sizeof(resources));
	resources[1].overflow = &overflow;
	figures->resources = resources;
	out = encoded(figures, EXPOSITION_OPENMETRICS, pid, 1);
	assert_contains(&out, "event_loop_iterations_total{otel_metric_overflow=\"true\","
			      "process_pid=\"4300\"} 77\n");
	buffer_done(&out);
}

/* Of no loop there is still what the agent says of itself. */
static void no_resources(void **state)
{
	struct figures *figures = example_figures();
	struct buffer out;

	(void)state;
	figures->nr_resources = 0;
	out = encoded(figures, EXPOSITION_OPENMETRICS, NULL, 0);
	assert_contains(&out, "\nloopscope_records_total 4000\n");
	assert_lacks(&out, "event_loop_");
	assert_lacks(&out, "loopscope_resource");
	buffer_done(&out);
}

struct failing {
	size_t nr_left;
	bool failed;
};

static int fail_after(const void *data, size_t size, void *context)
{
	struct failing *failing = context;

	(void)data;
	(void)size;
	assert_false(failing->failed);
	if (failing->nr_left--)
		return 0;
	failing->failed = true;
	return -EPIPE;
}

static void the_writers_error_stops(void **state)
{
	char *pid[] = {"process.pid"};
	const struct text_list labels = {pid, 1};
	struct many_figures *many = many_figures_new(50);

	(void)state;
	for (int format = EXPOSITION_OPENMETRICS; format <= EXPOSITION_PROTOBUF; format++) {
		const struct exposition_options options = {format, bounds_ms, 2, &labels};

		for (size_t nr = 0; nr < 3; nr++) {
			struct failing failing = {.nr_left = nr};

			assert_int_equal(exposition_encode(many_figures_get(many), &options,
							   fail_after, &failing),
					 -EPIPE);
			assert_true(failing.failed);
		}
	}
	many_figures_free(many);
}

/* Attributes as long as they come: a point larger than a piece. */
static void long_attributes(void **state)
{
	static char text[ATTRIBUTE_MAX_TEXT + 1], keys[ATTRIBUTES_MAX][16];
	static struct attribute items[ATTRIBUTES_MAX];
	static const struct attributes set = {items, ATTRIBUTES_MAX, 0};
	static struct resource_figures resources[1];
	struct figures *figures = example_figures();
	struct buffer out;

	(void)state;
	memset(text, '"', ATTRIBUTE_MAX_TEXT);
	for (int i = 0; i < ATTRIBUTES_MAX; i++) {
		snprintf(keys[i], sizeof(keys[i]), "key.%02d", i);
		items[i] = ATTRIBUTE_OF_TEXT(keys[i], text);
	}
	resources[0] = figures->resources[0];
	resources[0].attributes = &set;
	figures->resources = resources;
	figures->nr_resources = 1;
	for (int format = EXPOSITION_OPENMETRICS; format <= EXPOSITION_PROTOBUF; format++) {
		out = encoded(figures, format, NULL, 0);
		assert_true(out.size > (size_t)ATTRIBUTES_MAX * ATTRIBUTE_MAX_TEXT);
		buffer_done(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(processes_are_told_apart),
		cmocka_unit_test(a_pid_of_two_is_told_apart),
		cmocka_unit_test(an_instance_of_two_is_told_apart),
		cmocka_unit_test(a_label_given_twice_is_one),
		cmocka_unit_test(overflow_is_a_series),
		cmocka_unit_test(no_resources),
		cmocka_unit_test(the_writers_error_stops),
		cmocka_unit_test(long_attributes),
	};

	return cmocka_run_group_tests_name("exposition", tests, NULL, NULL);
}
