/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The messages are made on the stack: protobuf-c packs them into the buffer at once. */
#include "export/otlp/otlp_points.h"

#include "export/otlp/otlp_buckets.h"
#include "export/otlp/otlp_wire.h"
#include "proto/otlp_metrics.pb-c.h"

_Static_assert(sizeof(__u64) == sizeof(uint64_t), "counts are handed over as they are");

#define NUMBER_ATTRIBUTES 7
#define HISTOGRAM_ATTRIBUTES 9
#define EXPONENTIAL_ATTRIBUTES 1
#define HISTOGRAM_EXEMPLARS 8
#define EXPONENTIAL_EXEMPLARS 11
#define EXEMPLAR_FILTERED_ATTRIBUTES 7

int otlp_instrument_points(const struct instrument *instrument, const struct figures *figures,
			   const struct resource_figures *resource,
			   const struct otlp_options *options, point_fn callback, void *context)
{
	if (resource)
		return instrument_points(instrument, figures, resource, options->temporality,
					 callback, context);
	return instrument_agent_points(instrument, figures, options->agent_since,
				       options->agent_since_unix_ns, options->temporality, callback,
				       context);
}

unsigned int otlp_data_field(const struct instrument *instrument,
			     const struct otlp_options *options)
{
	switch (instrument->kind) {
	case INSTRUMENT_GAUGE:
		return OTLP__METRIC__DATA_GAUGE;
	case INSTRUMENT_COUNTER:
	case INSTRUMENT_UP_DOWN_COUNTER:
		return OTLP__METRIC__DATA_SUM;
	case INSTRUMENT_HISTOGRAM:
		break;
	}
	return options->aggregation == AGGREGATION_EXPLICIT
		       ? OTLP__METRIC__DATA_HISTOGRAM
		       : OTLP__METRIC__DATA_EXPONENTIAL_HISTOGRAM;
}

int otlp_temporality(const struct instrument *instrument, const struct otlp_options *options)
{
	if (options->temporality == TEMPORALITY_DELTA &&
	    instrument->kind != INSTRUMENT_UP_DOWN_COUNTER)
		return OTLP__AGGREGATION_TEMPORALITY__AGGREGATION_TEMPORALITY_DELTA;
	return OTLP__AGGREGATION_TEMPORALITY__AGGREGATION_TEMPORALITY_CUMULATIVE;
}

void otlp_data_fields(struct buffer *buffer, const struct instrument *instrument,
		      const struct otlp_options *options)
{
	Otlp__ExponentialHistogram histogram = OTLP__EXPONENTIAL_HISTOGRAM__INIT;
	Otlp__Sum sum = OTLP__SUM__INIT;

	switch (instrument->kind) {
	case INSTRUMENT_GAUGE:
		break;
	case INSTRUMENT_COUNTER:
	case INSTRUMENT_UP_DOWN_COUNTER:
		sum.aggregation_temporality = otlp_temporality(instrument, options);
		sum.is_monotonic = instrument->kind == INSTRUMENT_COUNTER;
		wire_fields(buffer, &sum.base);
		break;
	case INSTRUMENT_HISTOGRAM: /* both kinds have it as the same field */
		histogram.aggregation_temporality = otlp_temporality(instrument, options);
		wire_fields(buffer, &histogram.base);
		break;
	}
}

static void add_attributes(struct buffer *buffer, unsigned int field, const struct point *point)
{
	for (size_t i = 0; i < point->nr_attributes; i++)
		wire_attribute(buffer, field, &point->attributes[i]);
}

static void add_number(struct buffer *buffer, const struct instrument *instrument,
		       const struct point *point)
{
	Otlp__NumberDataPoint message = OTLP__NUMBER_DATA_POINT__INIT;

	message.start_time_unix_nano = point->start_unix_ns;
	message.time_unix_nano = point->time_unix_ns;
	if (instrument->number == NUMBER_INTEGER) {
		message.value_case = OTLP__NUMBER_DATA_POINT__VALUE_AS_INT;
		message.as_int = (int64_t)point->integer;
	} else {
		message.value_case = OTLP__NUMBER_DATA_POINT__VALUE_AS_DOUBLE;
		message.as_double = point->number;
	}
	wire_fields(buffer, &message.base);
	add_attributes(buffer, NUMBER_ATTRIBUTES, point);
}

static void add_exemplar(struct buffer *buffer, unsigned int field, const struct point *point)
{
	const struct point_exemplar *exemplar = &point->exemplar;
	Otlp__Exemplar message = OTLP__EXEMPLAR__INIT;
	size_t opened;

	if (!point->has_exemplar)
		return;
	opened = wire_open(buffer, field);
	message.time_unix_nano = exemplar->time_unix_ns;
	message.value_case = OTLP__EXEMPLAR__VALUE_AS_DOUBLE;
	message.as_double = exemplar->value;
	wire_fields(buffer, &message.base);
	for (size_t i = 0; i < EXEMPLAR_ATTRIBUTES; i++)
		wire_attribute(buffer, EXEMPLAR_FILTERED_ATTRIBUTES, &exemplar->attributes[i]);
	wire_close(buffer, opened);
}

static void add_explicit(struct buffer *buffer, const struct otlp_options *options,
			 const struct point *point, __u64 *counts)
{
	Otlp__HistogramDataPoint message = OTLP__HISTOGRAM_DATA_POINT__INIT;

	otlp_explicit(&point->histogram, options->bounds_ms, options->nr_bounds, counts);
	message.start_time_unix_nano = point->start_unix_ns;
	message.time_unix_nano = point->time_unix_ns;
	message.count = point->histogram.count;
	message.has_sum_case = OTLP__HISTOGRAM_DATA_POINT__HAS_SUM_SUM;
	message.sum = point->histogram.sum;
	message.n_bucket_counts = options->nr_bounds + 1;
	message.bucket_counts = (uint64_t *)counts;
	message.n_explicit_bounds = options->nr_bounds;
	message.explicit_bounds = (double *)options->bounds_ms;
	wire_fields(buffer, &message.base);
	add_exemplar(buffer, HISTOGRAM_EXEMPLARS, point);
	add_attributes(buffer, HISTOGRAM_ATTRIBUTES, point);
}

static void add_exponential(struct buffer *buffer, const struct point *point)
{
	struct otlp_exponential exponential = otlp_exponential(&point->histogram);
	Otlp__ExponentialHistogramDataPoint message = OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__INIT;
	Otlp__ExponentialHistogramDataPoint__Buckets positive =
		OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__BUCKETS__INIT;

	positive.offset = exponential.offset;
	positive.n_bucket_counts = exponential.nr;
	positive.bucket_counts = (uint64_t *)exponential.counts;
	message.start_time_unix_nano = point->start_unix_ns;
	message.time_unix_nano = point->time_unix_ns;
	message.count = point->histogram.count;
	message.has_sum_case = OTLP__EXPONENTIAL_HISTOGRAM_DATA_POINT__HAS_SUM_SUM;
	message.sum = point->histogram.sum;
	message.scale = OTLP_SCALE;
	message.zero_count = exponential.zero_count;
	message.zero_threshold = OTLP_ZERO_THRESHOLD;
	if (exponential.nr)
		message.positive = &positive;
	wire_fields(buffer, &message.base);
	add_exemplar(buffer, EXPONENTIAL_EXEMPLARS, point);
	add_attributes(buffer, EXPONENTIAL_ATTRIBUTES, point);
}

void otlp_point(struct buffer *buffer, const struct instrument *instrument,
		const struct otlp_options *options, const struct point *point, __u64 *counts)
{
	size_t opened = wire_open(buffer, OTLP_DATA_POINTS);

	if (instrument->kind != INSTRUMENT_HISTOGRAM)
		add_number(buffer, instrument, point);
	else if (options->aggregation == AGGREGATION_EXPLICIT)
		add_explicit(buffer, options, point, counts);
	else
		add_exponential(buffer, point);
	wire_close(buffer, opened);
}
