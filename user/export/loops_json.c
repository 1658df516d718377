/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One object, put together a loop at a time: of a thousand loops' objects at once
 * jansson would make more than the agent may use. Times are ms, instants UTC.
 */
#include "export/loops_json.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "base/json_values.h"
#include "base/syscall_name.h"
#include "export/instruments.h"
#include "export/loops_json_values.h"
#include "model/histogram.h"
#include "view/names.h"

#define NS_PER_MS 1e6
#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15)) /* nanoseconds of eleven days, exactly */
#define EVENT_LOOP_ID "event_loop.id"
#define THREAD_NAME "thread.name"

static json_t *loop_attribute(const struct loop_figures *loop, const char *key)
{
	for (size_t i = 0; i < loop->nr_attributes; i++) {
		if (!strcmp(loop->attributes[i].key, key))
			return loops_json_attribute(&loop->attributes[i]);
	}
	return json_null();
}

static json_t *gauges_object(const struct loop_figures *loop)
{
	json_t *object;

	if (!loop->has_gauges)
		return json_null();
	object = json_object();
	json_put(&object, "max_lag_ms", json_figure(loop->gauges.max_lag_ms));
	json_put(&object, "utilization_percent", json_figure(loop->gauges.utilization_percent));
	json_put(&object, "stall_age_ms", json_figure(loop->gauges.stall_age_ms));
	return object;
}

/* A quantile is right to within its bucket: digits beyond ns say nothing. */
static json_t *json_quantile(double value)
{
	return json_figure(rint(value * NS_PER_MS) / NS_PER_MS);
}

/* No maximum is kept of totals: it is somewhere in the last bucket in use. */
static double greatest(const struct totals_histogram *histogram)
{
	__u32 last = HISTOGRAM_NR_BUCKETS - 1;

	if (histogram->buckets[last])
		return histogram_lower(last, 1) * exp2(1.0 / HISTOGRAM_SUBDIVISIONS);
	while (last && !histogram->buckets[last])
		last--;
	return histogram_upper(last, 1);
}

/* `unit` is that of the sum in terms of the buckets': HISTOGRAM_UNIT_NS, _EVENTS. */
static json_t *histogram_object(const struct totals_histogram *histogram, double unit)
{
	double weights[HISTOGRAM_NR_BUCKETS];
	json_t *object = json_object();
	struct quantiles quantiles;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		weights[i] = (double)histogram->buckets[i];
	quantiles = histogram_quantiles(weights, (double)histogram->count, 1, greatest(histogram));
	json_put(&object, "count", json_integer((json_int_t)histogram->count));
	json_put(&object, "sum", json_figure(histogram->sum / unit));
	json_put(&object, "p50", json_quantile(quantiles.p50));
	json_put(&object, "p95", json_quantile(quantiles.p95));
	json_put(&object, "p99", json_quantile(quantiles.p99));
	return object;
}

static json_t *time_object(const struct loop_totals *totals)
{
	json_t *object = json_object();

	json_put(&object, "poll", json_ms(totals->poll_ns));
	for (int i = 0; i < NR_CAUSES; i++)
		json_put(&object, cause_name(i), json_ms(totals->cause_ns[i]));
	return object;
}

static json_t *stalls_object(const struct loop_totals *totals)
{
	json_t *object = json_object();

	for (int i = 0; i < NR_CAUSES; i++)
		json_put(&object, cause_name(i), json_integer((json_int_t)totals->stalls[i]));
	return object;
}

static json_t *wake_object(const struct loop_totals *totals)
{
	json_t *object = histogram_object(&totals->wake, HISTOGRAM_UNIT_NS);

	json_put(&object, cause_name(CAUSE_RUNQUEUE), json_ms(totals->wake_runqueue_ns));
	json_put(&object, cause_name(CAUSE_CPU_QUOTA), json_ms(totals->wake_quota_ns));
	return object;
}

static json_t *syscall_array(const struct loop_totals *totals)
{
	json_t *array = json_array();

	for (unsigned int i = 0; i < totals->nr_syscalls; i++) {
		const struct window_syscall *call = &totals->syscalls[i];
		char name[SYSCALL_NAME_LEN];
		json_t *object = json_object();

		json_put(&object, "name", json_string(syscall_name(call->nr, name)));
		json_put(&object, "count", json_integer((json_int_t)call->count));
		json_put(&object, "time_ms", json_ms(call->time_ns));
		json_append(&array, object);
	}
	return array;
}

static json_t *totals_object(const struct loop_totals *totals)
{
	json_t *object = json_object();

	json_put(&object, "iterations", json_integer((json_int_t)totals->iterations));
	json_put(&object, "events", json_integer((json_int_t)totals->events));
	json_put(&object, "time_ms", time_object(totals));
	json_put(&object, "stalls", stalls_object(totals));
	json_put(&object, "lag_ms", histogram_object(&totals->lag, HISTOGRAM_UNIT_NS));
	json_put(&object, "busy_ms", histogram_object(&totals->busy, HISTOGRAM_UNIT_NS));
	json_put(&object, "wake_delay_ms", wake_object(totals));
	json_put(&object, "iteration_events",
		 histogram_object(&totals->batch, HISTOGRAM_UNIT_EVENTS));
	json_put(&object, "syscalls", syscall_array(totals));
	return object;
}

static json_t *loop_object(const struct resource_figures *resource, const struct loop_figures *loop)
{
	json_t *object = json_object();

	json_put(&object, "resource", loops_json_attributes(resource->attributes));
	json_put(&object, "thread", loop_attribute(loop, THREAD_NAME));
	json_put(&object, "id", loop_attribute(loop, EVENT_LOOP_ID));
	json_put(&object, "start", loops_json_instant(loop->start_unix_ns));
	json_put(&object, "ended", json_boolean(loop->ended));
	json_put(&object, "gauges", gauges_object(loop));
	json_put(&object, "totals", totals_object(loop->totals));
	return object;
}

/* An instrument of the agent: what its points are, an object each. */
struct agent_walk {
	const struct instrument *instrument;
	json_t *array;
};

static int add_agent_point(const struct point *point, void *context)
{
	struct agent_walk *walk = context;
	json_t *object = json_object();

	for (size_t i = 0; i < point->nr_attributes; i++)
		json_put(&object, point->attributes[i].key,
			 loops_json_attribute(&point->attributes[i]));
	json_put(&object, "value",
		 walk->instrument->number == NUMBER_INTEGER
			 ? json_integer((json_int_t)point->integer)
			 : json_figure(point->number));
	json_append(&walk->array, object);
	return walk->array ? 0 : -ENOMEM;
}

static json_t *agent_object(const struct figures *figures)
{
	json_t *object = json_object();

	json_put(&object, "resource", loops_json_attributes(figures->agent->attributes));
	json_put(&object, "start", loops_json_instant(figures->agent->start_unix_ns));
	for (size_t i = 0; i < nr_instruments && object; i++) {
		struct agent_walk walk = {&instruments[i], json_array()};

		if (!instruments[i].otlp_only && instruments[i].kind != INSTRUMENT_HISTOGRAM)
			instrument_agent_points(&instruments[i], figures, NULL, 0,
						TEMPORALITY_CUMULATIVE, add_agent_point, &walk);
		if (walk.array && !json_array_size(walk.array))
			json_decref(walk.array);
		else
			json_put(&object, instruments[i].name, walk.array);
	}
	return object;
}

static int dump(const char *text, size_t size, void *out)
{
	return buffer_append(out, text, size) ? -1 : 0;
}

/* Takes the value; NULL: it could not be made. */
static int append(struct buffer *out, json_t *value)
{
	int err = value && !json_dump_callback(value, dump, out, FLAGS | JSON_ENCODE_ANY) ? 0
											  : -ENOMEM;

	json_decref(value);
	return err;
}

static int append_loops(struct buffer *out, const struct figures *figures)
{
	const char *separator = "\n";
	int err = 0;

	for (size_t i = 0; i < figures->nr_resources; i++) {
		const struct resource_figures *resource = &figures->resources[i];

		for (size_t j = 0; j < resource->nr_loops && !err; j++) {
			buffer_append_text(out, separator);
			err = append(out, loop_object(resource, &resource->loops[j]));
			separator = ",\n";
		}
	}
	return err;
}

int loops_json_encode(const struct figures *figures, struct buffer *out)
{
	int err;

	buffer_append_text(out, "{\"time\":");
	err = append(out, loops_json_instant(figures->time_unix_ns));
	buffer_append_text(out, ",\"loops\":[");
	if (!err)
		err = append_loops(out, figures);
	buffer_append_text(out, "\n],\"agent\":");
	if (!err)
		err = append(out, agent_object(figures));
	buffer_append_text(out, "}\n");
	return err ? err : out->error;
}
