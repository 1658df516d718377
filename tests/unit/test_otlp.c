/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Buckets at their bounds, and requests that must be split. What they hold: tests/export/. */
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "example_figures.h"
#include "example_report.h"
#include "export/otlp/otlp_buckets.h"
#include "export/otlp/otlp.h"
#include "model/histogram.h"
#include "proto/otlp_metrics.pb-c.h"

/* Index i of OTLP: above base^i, up to and including base^(i+1), base being 2^(1/4). */
static void test_exponential_index(void **state)
{
	struct point_histogram histogram;

	(void)state;
	for (int i = 1; i < HISTOGRAM_NR_BUCKETS; i++) {
		struct otlp_exponential exponential;

		histogram = (struct point_histogram){.count = 7};
		histogram.buckets[i] = 7;
		exponential = otlp_exponential(&histogram);
		assert_int_equal(exponential.nr, 1);
		assert_int_equal(exponential.counts[0], 7);
		assert_int_equal(exponential.zero_count, 0);
		assert_near(exp2(exponential.offset / 4.0) / histogram_bounds[i - 1], 1, 1e-14);
		if (i < HISTOGRAM_NR_BUCKETS - 1)
			assert_near(exp2((exponential.offset + 1) / 4.0) / histogram_bounds[i], 1,
				    1e-14);
	}
}

static void test_exponential_ends(void **state)
{
	struct point_histogram histogram = {.count = 6};
	struct otlp_exponential exponential = otlp_exponential(&histogram);

	(void)state;
	assert_int_equal(exponential.nr, 0);
	histogram.buckets[0] = 3;
	exponential = otlp_exponential(&histogram);
	assert_int_equal(exponential.nr, 0);
	assert_int_equal(exponential.zero_count, 3);
	assert_near(histogram_bounds[0], OTLP_ZERO_THRESHOLD, 0);
	histogram.buckets[1] = 1;
	histogram.buckets[HISTOGRAM_NR_BUCKETS - 1] = 2;
	exponential = otlp_exponential(&histogram);
	assert_int_equal(exponential.offset, -40);
	assert_int_equal(exponential.nr, HISTOGRAM_NR_BUCKETS - 1);
	assert_int_equal(exponential.counts[exponential.nr - 1], 2);
}

/* Bounds that are ours are exact; of others, a bucket is counted where its upper bound is. */
static void test_explicit(void **state)
{
	static const double bounds[] = {1, 1.1, 2, 1000, 0x1p16};
	struct point_histogram histogram = {.count = 21};
	__u64 counts[ARRAY_SIZE(bounds) + 1];

	(void)state;
	histogram.buckets[0] = 1;
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE] = 2;     /* up to 1 */
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE + 1] = 3; /* 1 to 1.19 */
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE + 4] = 4; /* up to 2 */
	histogram.buckets[HISTOGRAM_INDEX_OF_ONE + 5] = 5; /* above 2 */
	histogram.buckets[HISTOGRAM_NR_BUCKETS - 2] = 6;   /* up to 2^16 */
	otlp_explicit(&histogram, bounds, ARRAY_SIZE(bounds), counts);
	assert_int_equal(counts[0], 3);
	assert_int_equal(counts[1], 0);
	assert_int_equal(counts[2], 7);
	assert_int_equal(counts[3], 5);
	assert_int_equal(counts[4], 6);
	assert_int_equal(counts[5], 0);
	histogram.buckets[HISTOGRAM_NR_BUCKETS - 1] = 9;
	otlp_explicit(&histogram, bounds, ARRAY_SIZE(bounds), counts);
	assert_int_equal(counts[5], 9);
	otlp_explicit(&histogram, NULL, 0, counts);
	assert_int_equal(counts[0], 30);
}

/* The requests of an export, decoded. */
struct requests {
	Otlp__ExportMetricsServiceRequest *items[256];
	size_t nr, nr_points, max_bytes;
};

static size_t count_points(const Otlp__Metric *metric)
{
	switch (metric->data_case) {
	case OTLP__METRIC__DATA_GAUGE:
		return metric->gauge->n_data_points;
	case OTLP__METRIC__DATA_SUM:
		return metric->sum->n_data_points;
	case OTLP__METRIC__DATA_EXPONENTIAL_HISTOGRAM:
		return metric->exponential_histogram->n_data_points;
	default:
		fail_msg("%s has no points", metric->name);
		return 0;
	}
}

static size_t count_all_points(const Otlp__ExportMetricsServiceRequest *request)
{
	size_t nr = 0;

	for (size_t i = 0; i < request->n_resource_metrics; i++) {
		const Otlp__ResourceMetrics *resource = request->resource_metrics[i];

		assert_int_equal(resource->n_scope_metrics, 1);
		assert_true(resource->scope_metrics[0]->n_metrics > 0);
		for (size_t j = 0; j < resource->scope_metrics[0]->n_metrics; j++) {
			size_t nr_points = count_points(resource->scope_metrics[0]->metrics[j]);

			assert_true(nr_points > 0);
			nr += nr_points;
		}
	}
	return nr;
}

static int gather(struct buffer *request, size_t nr_points, void *context)
{
	struct requests *requests = context;
	Otlp__ExportMetricsServiceRequest *decoded =
		otlp__export_metrics_service_request__unpack(NULL, request->size, request->data);

	assert_true(request->size <= requests->max_bytes);
	assert_true(requests->nr < ARRAY_SIZE(requests->items));
	assert_non_null(decoded);
	assert_int_equal(count_all_points(decoded), nr_points);
	requests->items[requests->nr++] = decoded;
	requests->nr_points += nr_points;
	return 0;
}

static int encode(struct requests *requests, size_t max_bytes)
{
	const struct otlp_options options = {.max_request_bytes = max_bytes};

	*requests = (struct requests){.max_bytes = max_bytes};
	return otlp_encode(example_figures(), &options, gather, requests);
}

static void requests_done(struct requests *requests)
{
	for (size_t i = 0; i < requests->nr; i++)
		otlp__export_metrics_service_request__free_unpacked(requests->items[i], NULL);
}

static void test_one_request(void **state)
{
	struct requests requests;

	(void)state;
	assert_int_equal(encode(&requests, 1 << 20), 0);
	assert_int_equal(requests.nr, 1);
	assert_int_equal(requests.items[0]->n_resource_metrics, 3);
	requests_done(&requests);
}

/* Where each resource fits by itself, none is in two requests. */
static void test_split_at_resources(void **state)
{
	struct requests requests;
	size_t nr_resources = 0;

	(void)state;
	assert_int_equal(encode(&requests, 6500), 0);
	assert_int_equal(requests.nr, 3);
	for (size_t i = 0; i < requests.nr; i++)
		nr_resources += requests.items[i]->n_resource_metrics;
	assert_int_equal(nr_resources, 3);
	requests_done(&requests);
}

/* However small requests are, no point is lost, and none is sent twice. */
static void test_every_size(void **state)
{
	struct requests whole, requests;
	size_t size = 1 << 14, nr = 1;

	(void)state;
	assert_int_equal(encode(&whole, 1 << 20), 0);
	for (; encode(&requests, size) == 0; size -= 1 + size / 50) {
		assert_int_equal(requests.nr_points, whole.nr_points);
		assert_true(requests.nr >= nr);
		nr = requests.nr;
		requests_done(&requests);
	}
	requests_done(&requests);
	assert_true(size < 1200 && nr > 10);
	assert_int_equal(encode(&requests, size), -EMSGSIZE);
	requests_done(&requests);
	requests_done(&whole);
}

static void test_too_small(void **state)
{
	struct requests requests;

	(void)state;
	assert_int_equal(encode(&requests, 0), -EMSGSIZE);
	assert_int_equal(requests.nr, 0);
}

static int refuse(struct buffer *request, size_t nr_points, void *context)
{
	(void)request;
	(void)nr_points;
	++*(int *)context;
	return -ECANCELED;
}

static void test_refused(void **state)
{
	const struct otlp_options options = {.max_request_bytes = 6500};
	int calls = 0;

	(void)state;
	assert_int_equal(otlp_encode(example_figures(), &options, refuse, &calls), -ECANCELED);
	assert_int_equal(calls, 1);
}

static int keep(struct buffer *request, size_t nr_points, void *context)
{
	(void)nr_points;
	*(struct buffer *)context = *request;
	*request = (struct buffer){};
	return 0;
}

static void test_kept(void **state)
{
	const struct otlp_options options = {.max_request_bytes = 1 << 20};
	struct buffer kept = {};

	(void)state;
	assert_int_equal(otlp_encode(example_figures(), &options, keep, &kept), 0);
	assert_true(kept.size > 0);
	buffer_done(&kept);
}

/* Nothing to say is not said. */
static void test_nothing(void **state)
{
	const struct otlp_options options = {.max_request_bytes = 1 << 20};
	const struct attributes none = {};
	const struct resource_figures empty = {.attributes = &none};
	const struct figures figures = {.resources = &empty, .nr_resources = 1, .max_series = 10};
	int calls = 0;

	(void)state;
	assert_int_equal(otlp_encode(&figures, &options, refuse, &calls), 0);
	assert_int_equal(calls, 0);
	assert_int_equal(otlp_write_json(stderr, &figures, &options), 0);
}

static void write_json(FILE *out, const void *figures)
{
	const struct otlp_options options = {};

	assert_int_equal(otlp_write_json(out, figures, &options), 0);
}

/* One resource a line, each of them JSON, whatever names there are. */
static void test_json_lines(void **state)
{
	struct figures *figures = example_figures();
	struct attribute hostile[] = {ATTRIBUTE_OF_TEXT("k\xff\n", "\xc3(\n\"\\\x01")};
	char *text, *line, *rest;
	int nr = 0;

	(void)state;
	((struct loop_figures *)figures->resources[0].loops)->attributes = hostile;
	((struct loop_figures *)figures->resources[0].loops)->nr_attributes = 1;
	text = written_by(write_json, figures);
	assert_int_equal(text[strlen(text) - 1], '\n');
	for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		json_t *object = json_loads(line, 0, NULL);

		assert_non_null(object);
		assert_int_equal(json_array_size(json_object_get(object, "resourceMetrics")), 1);
		json_decref(object);
		nr++;
	}
	assert_int_equal(nr, 3);
	free(text);
}

static void test_full_disk(void **state)
{
	const struct otlp_options options = {};
	FILE *full = fopen("/dev/full", "we");

	(void)state;
	assert_non_null(full);
	assert_int_equal(otlp_write_json(full, example_figures(), &options), -ENOSPC);
	fclose(full);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exponential_index),
		cmocka_unit_test(test_exponential_ends),
		cmocka_unit_test(test_explicit),
		cmocka_unit_test(test_one_request),
		cmocka_unit_test(test_split_at_resources),
		cmocka_unit_test(test_every_size),
		cmocka_unit_test(test_too_small),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_kept),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_json_lines),
		cmocka_unit_test(test_full_disk),
	};

	return cmocka_run_group_tests_name("otlp", tests, NULL, NULL);
}
