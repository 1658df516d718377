/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The protobuf format: MetricFamily messages, each behind its length. A family may
 * have megabytes of points, so it is never put together: a first walk over its
 * points adds up their sizes, a second one writes them.
 */
#include <errno.h>

#include "export/prometheus/exposition_encoder.h"
#include "proto/prometheus.pb-c.h"

#define NS_PER_S 1000000000ULL
#define METRIC_TAG ((4 << 3) | 2) /* MetricFamily.metric, length-delimited */
#define MAX_VARINT_LEN 10

/* A Metric and all that it points to. */
struct metric {
	Io__Prometheus__Client__Metric metric;
	Io__Prometheus__Client__LabelPair pairs[LABELS_MAX];
	Io__Prometheus__Client__LabelPair *pair_pointers[LABELS_MAX];
	Io__Prometheus__Client__Timestamp created;
	union {
		Io__Prometheus__Client__Gauge gauge;
		Io__Prometheus__Client__Counter counter;
		Io__Prometheus__Client__Histogram histogram;
	};
	Io__Prometheus__Client__Bucket buckets[SETTINGS_MAX_BOUNDS];
	Io__Prometheus__Client__Bucket *bucket_pointers[SETTINGS_MAX_BOUNDS];
	Io__Prometheus__Client__BucketSpan spans[HISTOGRAM_NR_BUCKETS];
	Io__Prometheus__Client__BucketSpan *span_pointers[HISTOGRAM_NR_BUCKETS];
	struct native_buckets native;
};

static size_t varint_size(size_t value)
{
	size_t size = 1;

	while (value >>= 7)
		size++;
	return size;
}

static int append_varint(struct buffer *out, size_t value)
{
	unsigned char bytes[MAX_VARINT_LEN];
	size_t size = 0;

	for (; value > 0x7f; value >>= 7)
		bytes[size++] = (unsigned char)(value | 0x80);
	bytes[size++] = (unsigned char)value;
	return buffer_append(out, bytes, size);
}

static int append_message(struct buffer *out, const ProtobufCMessage *message, size_t size)
{
	if (buffer_reserve(out, size))
		return out->error;
	out->size += protobuf_c_message_pack(message, out->data + out->size);
	return 0;
}

static void set_labels(struct metric *metric, const struct labels *labels)
{
	for (size_t i = 0; i < labels->nr; i++) {
		io__prometheus__client__label_pair__init(&metric->pairs[i]);
		metric->pairs[i].name = (char *)labels->items[i].name;
		metric->pairs[i].value = (char *)label_value(labels, i);
		metric->pair_pointers[i] = &metric->pairs[i];
	}
	metric->metric.n_label = labels->nr;
	metric->metric.label = metric->pair_pointers;
}

static Io__Prometheus__Client__Timestamp *created_at(struct metric *metric, __u64 unix_ns)
{
	if (!unix_ns)
		return NULL;
	io__prometheus__client__timestamp__init(&metric->created);
	metric->created.has_seconds = metric->created.has_nanos = 1;
	metric->created.seconds = (int64_t)(unix_ns / NS_PER_S);
	metric->created.nanos = (int32_t)(unix_ns % NS_PER_S);
	return &metric->created;
}

static void set_classic(struct metric *metric, const struct classic_buckets *buckets,
			const struct point_histogram *from)
{
	__u64 counts[SETTINGS_MAX_BOUNDS];

	classic_buckets_count(buckets, from, counts);
	for (size_t i = 0; i < buckets->nr; i++) {
		Io__Prometheus__Client__Bucket *bucket = &metric->buckets[i];

		io__prometheus__client__bucket__init(bucket);
		bucket->has_cumulative_count = bucket->has_upper_bound = 1;
		bucket->cumulative_count = counts[i];
		bucket->upper_bound = buckets->bounds[i];
		metric->bucket_pointers[i] = bucket;
	}
	/* +Inf is left out: it is sample_count */
	metric->histogram.n_bucket = buckets->nr;
	metric->histogram.bucket = metric->bucket_pointers;
}

static void set_native(struct metric *metric, const struct point_histogram *from)
{
	Io__Prometheus__Client__Histogram *histogram = &metric->histogram;
	struct native_buckets *native = &metric->native;

	native_buckets_make(from, native);
	for (size_t i = 0; i < native->nr_spans; i++) {
		Io__Prometheus__Client__BucketSpan *span = &metric->spans[i];

		io__prometheus__client__bucket_span__init(span);
		span->has_offset = span->has_length = 1;
		span->offset = native->spans[i].offset;
		span->length = native->spans[i].length;
		metric->span_pointers[i] = span;
	}
	histogram->has_schema = histogram->has_zero_threshold = histogram->has_zero_count = 1;
	histogram->schema = NATIVE_SCHEMA;
	histogram->zero_threshold = NATIVE_ZERO_THRESHOLD;
	histogram->zero_count = from->buckets[0];
	histogram->n_positive_span = native->nr_spans;
	histogram->positive_span = metric->span_pointers;
	histogram->n_positive_delta = native->nr_deltas;
	histogram->positive_delta = (int64_t *)native->deltas;
}

static void set_histogram(struct metric *metric, const struct family *family,
			  const struct point *point)
{
	Io__Prometheus__Client__Histogram *histogram = &metric->histogram;

	io__prometheus__client__histogram__init(histogram);
	histogram->has_sample_count = histogram->has_sample_sum = 1;
	histogram->sample_count = point->histogram.count;
	histogram->sample_sum = point->histogram.sum;
	histogram->created_timestamp = created_at(metric, point->start_unix_ns);
	set_classic(metric, &family->buckets, &point->histogram);
	set_native(metric, &point->histogram);
	metric->metric.histogram = histogram;
}

static void set_value(struct metric *metric, const struct family *family, const struct point *point)
{
	double number = family->integers ? (double)point->integer : point->number;

	switch (family->type) {
	case FAMILY_HISTOGRAM:
		set_histogram(metric, family, point);
		break;
	case FAMILY_COUNTER:
		io__prometheus__client__counter__init(&metric->counter);
		metric->counter.has_value = 1;
		metric->counter.value = number;
		metric->counter.created_timestamp = created_at(metric, point->start_unix_ns);
		metric->metric.counter = &metric->counter;
		break;
	case FAMILY_GAUGE:
	case FAMILY_INFO:
		io__prometheus__client__gauge__init(&metric->gauge);
		metric->gauge.has_value = 1;
		metric->gauge.value = number;
		metric->metric.gauge = &metric->gauge;
		break;
	}
}

static int add_point(struct exposition *exposition, const struct point *point)
{
	struct buffer *out = &exposition->out;
	struct metric metric;
	size_t size;

	io__prometheus__client__metric__init(&metric.metric);
	set_labels(&metric, &exposition->labels);
	set_value(&metric, &exposition->family, point);
	size = io__prometheus__client__metric__get_packed_size(&metric.metric);
	if (exposition->measuring) {
		exposition->measured += 1 + varint_size(size) + size;
		return 0;
	}
	append_varint(out, METRIC_TAG);
	append_varint(out, size);
	return append_message(out, &metric.metric.base, size);
}

static Io__Prometheus__Client__MetricType metric_type(enum family_type type)
{
	switch (type) {
	case FAMILY_COUNTER:
		return IO__PROMETHEUS__CLIENT__METRIC_TYPE__COUNTER;
	case FAMILY_HISTOGRAM:
		return IO__PROMETHEUS__CLIENT__METRIC_TYPE__HISTOGRAM;
	case FAMILY_GAUGE:
	case FAMILY_INFO:
		break;
	}
	return IO__PROMETHEUS__CLIENT__METRIC_TYPE__GAUGE;
}

/* All of a family but its points, for which there is room in the length. */
static int begin(struct exposition *exposition)
{
	static const char *const suffixes[] = {
		[FAMILY_GAUGE] = "",
		[FAMILY_COUNTER] = "_total",
		[FAMILY_HISTOGRAM] = "",
		[FAMILY_INFO] = "_info",
	};
	const struct family *from = &exposition->family;
	Io__Prometheus__Client__MetricFamily family;
	struct buffer *out = &exposition->out;
	char name[METRIC_NAME_LEN + 8];
	size_t size;

	snprintf(name, sizeof(name), "%s%s", from->name, suffixes[from->type]);
	io__prometheus__client__metric_family__init(&family);
	family.name = name;
	family.help = (char *)from->help;
	family.has_type = 1;
	family.type = metric_type(from->type);
	family.unit = *from->unit ? (char *)from->unit : NULL;
	size = io__prometheus__client__metric_family__get_packed_size(&family);
	append_varint(out, size + exposition->measured);
	return append_message(out, &family.base, size);
}

const struct encoder encoder_protobuf = {.measures = true, .begin = begin, .point = add_point};
