/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The request as OTLP JSON: protobuf's mapping, with enums as numbers. 64-bit
 * integers are texts. Each resource is a request, hence a line, of its own, or
 * several: so neither what is held meanwhile nor a line is large, for readers of
 * lines have their limits too (the Collector's file receiver, of 1 MiB).
 */
#include <errno.h>
#include <jansson.h>

#include "base/json_values.h"
#include "export/otlp/otlp_buckets.h"
#include "export/otlp/otlp_json_values.h"
#include "export/otlp/otlp_points.h"

#define MAX_POINTS 100 /* of a line */

struct json_writer {
	FILE *out;
	const struct figures *figures;
	const struct otlp_options *options;
	const struct attributes *attributes; /* of the resource */
	const struct instrument *instrument;
	json_t *metrics;  /* of the line; NULL: out of memory */
	json_t *points;   /* of the metric, in it; NULL: it has none yet */
	size_t nr_points; /* of the line */
	__u64 *counts;
};

static void json_writer_done(struct json_writer *writer)
{
	json_decref(writer->metrics);
	free(writer->counts);
}

static json_t *count_array(const __u64 *counts, size_t nr)
{
	json_t *array = json_array();

	for (size_t i = 0; i < nr; i++)
		json_append(&array, json_unsigned(counts[i]));
	return array;
}

static json_t *bound_array(const struct otlp_options *options)
{
	json_t *array = json_array();

	for (size_t i = 0; i < options->nr_bounds; i++)
		json_append(&array, json_number(options->bounds_ms[i]));
	return array;
}

static void put_exponential(json_t **object, const struct point_histogram *histogram)
{
	struct otlp_exponential exponential = otlp_exponential(histogram);
	json_t *positive;

	json_put(object, "scale", json_integer(OTLP_SCALE));
	json_put(object, "zeroCount", json_unsigned(exponential.zero_count));
	json_put(object, "zeroThreshold", json_real(OTLP_ZERO_THRESHOLD));
	if (!exponential.nr)
		return;
	positive = json_object();
	json_put(&positive, "offset", json_integer(exponential.offset));
	json_put(&positive, "bucketCounts", count_array(exponential.counts, exponential.nr));
	json_put(object, "positive", positive);
}

static void put_exemplar(json_t **object, const struct point *point)
{
	const struct point_exemplar *exemplar = &point->exemplar;
	json_t *array, *item;

	if (!point->has_exemplar)
		return;
	array = json_array();
	item = json_object();
	json_put(&item, "filteredAttributes",
		 json_attributes(exemplar->attributes, EXEMPLAR_ATTRIBUTES));
	json_put(&item, "timeUnixNano", json_unsigned(exemplar->time_unix_ns));
	json_put(&item, "asDouble", json_number(exemplar->value));
	json_append(&array, item);
	json_put(object, "exemplars", array);
}

static void put_histogram(json_t **object, struct json_writer *writer, const struct point *point)
{
	const struct otlp_options *options = writer->options;

	json_put(object, "count", json_unsigned(point->histogram.count));
	json_put(object, "sum", json_number(point->histogram.sum));
	put_exemplar(object, point);
	if (options->aggregation == AGGREGATION_EXPONENTIAL) {
		put_exponential(object, &point->histogram);
		return;
	}
	otlp_explicit(&point->histogram, options->bounds_ms, options->nr_bounds, writer->counts);
	json_put(object, "bucketCounts", count_array(writer->counts, options->nr_bounds + 1));
	json_put(object, "explicitBounds", bound_array(options));
}

static json_t *point_object(struct json_writer *writer, const struct point *point)
{
	const struct instrument *instrument = writer->instrument;
	json_t *object = json_object();

	json_put(&object, "attributes", json_attributes(point->attributes, point->nr_attributes));
	if (point->start_unix_ns)
		json_put(&object, "startTimeUnixNano", json_unsigned(point->start_unix_ns));
	json_put(&object, "timeUnixNano", json_unsigned(point->time_unix_ns));
	if (instrument->kind == INSTRUMENT_HISTOGRAM)
		put_histogram(&object, writer, point);
	else if (instrument->number == NUMBER_INTEGER)
		json_put(&object, "asInt", json_signed((__s64)point->integer));
	else
		json_put(&object, "asDouble", json_number(point->number));
	return object;
}

static const char *data_key(const struct json_writer *writer)
{
	switch (writer->instrument->kind) {
	case INSTRUMENT_GAUGE:
		return "gauge";
	case INSTRUMENT_COUNTER:
	case INSTRUMENT_UP_DOWN_COUNTER:
		return "sum";
	case INSTRUMENT_HISTOGRAM:
		break;
	}
	return writer->options->aggregation == AGGREGATION_EXPLICIT ? "histogram"
								    : "exponentialHistogram";
}

/* Puts a metric without points into the metrics; its array of them stays at hand. */
static void begin_metric(struct json_writer *writer)
{
	const struct instrument *instrument = writer->instrument;
	json_t *metric = json_object(), *data = json_object(), *points = json_array();

	writer->points = points;
	json_put(&data, "dataPoints", points);
	if (instrument->kind != INSTRUMENT_GAUGE)
		json_put(&data, "aggregationTemporality",
			 json_integer(otlp_temporality(instrument, writer->options)));
	if (instrument->kind == INSTRUMENT_COUNTER)
		json_put(&data, "isMonotonic", json_true());
	json_put(&metric, "name", json_string(instrument->name));
	json_put(&metric, "description", json_string(instrument->description));
	json_put(&metric, "unit", json_string(instrument->unit));
	json_put(&metric, data_key(writer), data);
	json_append(&writer->metrics, metric);
}

/* Writes what has been gathered, if anything, and begins anew. */
static int flush_line(struct json_writer *writer)
{
	json_auto_t *request = NULL;
	int err;

	if (!writer->nr_points)
		return 0;
	request = json_otlp_request("resourceMetrics", "scopeMetrics", "metrics",
				    json_incref(writer->metrics), writer->attributes);
	err = json_otlp_write(writer->out, request);
	json_array_clear(writer->metrics);
	writer->points = NULL;
	writer->nr_points = 0;
	return err;
}

static int add_point(const struct point *point, void *context)
{
	struct json_writer *writer = context;
	int err = writer->nr_points == MAX_POINTS ? flush_line(writer) : 0;

	if (err)
		return err;
	if (!writer->points)
		begin_metric(writer);
	if (!writer->metrics)
		return -ENOMEM;
	writer->nr_points++;
	return json_array_append_new(writer->points, point_object(writer, point)) ? -ENOMEM : 0;
}

/* resource NULL: the agent's own. */
static int write_resource(struct json_writer *writer, const struct attributes *attributes,
			  const struct resource_figures *resource)
{
	writer->attributes = attributes;
	for (size_t i = 0; i < nr_instruments; i++) {
		int err;

		writer->instrument = &instruments[i];
		writer->points = NULL;
		err = otlp_instrument_points(writer->instrument, writer->figures, resource,
					     writer->options, add_point, writer);
		if (err)
			return err;
	}
	return flush_line(writer);
}

int otlp_write_json(FILE *out, const struct figures *figures, const struct otlp_options *options)
{
	_cleanup_(json_writer_done) struct json_writer writer = {
		.out = out,
		.figures = figures,
		.options = options,
		.metrics = json_array(),
		.counts = calloc(options->nr_bounds + 1, sizeof(__u64)),
	};
	int err = writer.metrics && writer.counts ? 0 : -ENOMEM;

	for (size_t i = 0; i < figures->nr_resources && !err; i++)
		err = write_resource(&writer, figures->resources[i].attributes,
				     &figures->resources[i]);
	if (!err && figures->agent)
		err = write_resource(&writer, figures->agent->attributes, NULL);
	if (!err && fflush(out))
		err = -errno;
	return err;
}
