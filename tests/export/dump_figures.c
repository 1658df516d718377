/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The figures that serve_figures serves, as they are: nanoseconds and buckets, read
 * straight off the structs, in JSON. What the tests compare expositions with.
 */
#include <err.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>

#include "base/syscall_name.h"
#include "config/number.h"
#include "example_figures.h"
#include "many_figures.h"
#include "view/names.h"

static json_t *attributes_json(const struct attribute *attributes, size_t nr)
{
	json_t *object = json_object();

	for (size_t i = 0; i < nr; i++) {
		json_t *value = attributes[i].type == ATTRIBUTE_TEXT
					? json_string(attributes[i].text)
					: json_integer(attributes[i].integer);

		/* arrays are compared by the golden files */
		if (attributes[i].type != ATTRIBUTE_TEXTS)
			json_object_set(object, attributes[i].key, value);
		json_decref(value);
	}
	return object;
}

static json_t *numbers_json(const __u64 *numbers, size_t nr)
{
	json_t *array = json_array();

	for (size_t i = 0; i < nr; i++)
		json_array_append_new(array, json_integer((json_int_t)numbers[i]));
	return array;
}

static json_t *by_cause_json(const __u64 numbers[NR_CAUSES])
{
	json_t *object = json_object();

	for (int i = 0; i < NR_CAUSES; i++)
		json_object_set_new(object, cause_name(i), json_integer((json_int_t)numbers[i]));
	return object;
}

static json_t *histogram_json(const struct totals_histogram *histogram)
{
	return json_pack("{s:I, s:f, s:o}", "count", (json_int_t)histogram->count, "sum",
			 histogram->sum, "buckets",
			 numbers_json(histogram->buckets, HISTOGRAM_NR_BUCKETS));
}

static json_t *syscalls_json(const struct loop_totals *totals)
{
	json_t *array = json_array();
	char name[SYSCALL_NAME_LEN];

	for (unsigned int i = 0; i < totals->nr_syscalls; i++) {
		const struct window_syscall *call = &totals->syscalls[i];

		json_array_append_new(array, json_pack("[s, I]", syscall_name(call->nr, name),
						       (json_int_t)call->time_ns));
	}
	return array;
}

static json_t *totals_json(const struct loop_totals *totals)
{
	return json_pack("{s:I, s:o, s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "poll_ns",
			 (json_int_t)totals->poll_ns, "cause_ns", by_cause_json(totals->cause_ns),
			 "iterations", (json_int_t)totals->iterations, "events",
			 (json_int_t)totals->events, "stalls", by_cause_json(totals->stalls),
			 "wake_runqueue_ns", (json_int_t)totals->wake_runqueue_ns, "wake_quota_ns",
			 (json_int_t)totals->wake_quota_ns, "lag", histogram_json(&totals->lag),
			 "busy", histogram_json(&totals->busy), "wake",
			 histogram_json(&totals->wake), "batch", histogram_json(&totals->batch),
			 "syscalls", syscalls_json(totals));
}

static json_t *gauge_json(double value)
{
	return isnan(value) ? json_null() : json_real(value);
}

static json_t *loop_json(const struct loop_figures *loop)
{
	json_t *object =
		json_pack("{s:o, s:I, s:o}", "attributes",
			  attributes_json(loop->attributes, loop->nr_attributes), "start",
			  (json_int_t)loop->start_unix_ns, "totals", totals_json(loop->totals));

	if (loop->has_gauges)
		json_object_set_new(
			object, "gauges",
			json_pack("{s:o, s:o, s:o}", "max_lag_ms",
				  gauge_json(loop->gauges.max_lag_ms), "utilization_percent",
				  gauge_json(loop->gauges.utilization_percent), "stall_age_ms",
				  gauge_json(loop->gauges.stall_age_ms)));
	return object;
}

static json_t *resource_json(const struct resource_figures *resource)
{
	json_t *loops = json_array();

	for (size_t i = 0; i < resource->nr_loops; i++)
		json_array_append_new(loops, loop_json(&resource->loops[i]));
	return json_pack("{s:o, s:b, s:o}", "attributes",
			 attributes_json(resource->attributes->items, resource->attributes->nr),
			 "nodejs", resource->nodejs, "loops", loops);
}

int main(int argc, char **argv)
{
	const struct figures *figures = example_figures();
	struct many_figures *many = NULL;
	json_t *resources = json_array();
	long nr;

	if (argc > 1) {
		if (number_parse_whole(argv[1], 0, 1000000, &nr))
			errx(2, "usage: dump_figures [LOOPS]");
		many = many_figures_new((size_t)nr);
		figures = many_figures_get(many);
	}
	for (size_t i = 0; i < figures->nr_resources; i++)
		json_array_append_new(resources, resource_json(&figures->resources[i]));
	json_dumpf(resources, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
	json_decref(resources);
	many_figures_free(many);
	return 0;
}
