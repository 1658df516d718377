/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Each allocation of the encoders fails in turn: that is -ENOMEM, nothing leaks,
 * and what was handed over before is whole. Linked with --wrap for malloc, calloc
 * and realloc; jansson takes its allocator from us.
 */
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>

#include "example_figures.h"
#include "export/otlp/otlp.h"
#include "proto/otlp_metrics.pb-c.h"

#define NEVER (-1)

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__real_realloc(void *pointer, size_t size);
void *__wrap_realloc(void *pointer, size_t size);

/* So many allocations succeed, and then one fails. */
static int until_failure = NEVER;

static bool fails_now(void)
{
	if (until_failure == NEVER || --until_failure != NEVER)
		return false;
	errno = ENOMEM;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails_now() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails_now() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *pointer, size_t size)
{
	return fails_now() ? NULL : __real_realloc(pointer, size);
}

/* Node has a name that must be repaired, which takes memory too. */
static struct figures *hostile_figures(void)
{
	static struct attribute hostile[] = {ATTRIBUTE_OF_TEXT("k\xff", "\xc3(")};
	struct figures *figures = example_figures();
	struct loop_figures *loop = (struct loop_figures *)figures->resources[1].loops;

	loop->attributes = hostile;
	loop->nr_attributes = 1;
	return figures;
}

static int check_whole(struct buffer *request, size_t nr_points, void *context)
{
	int left = until_failure;
	Otlp__ExportMetricsServiceRequest *decoded;

	(void)nr_points;
	until_failure = NEVER;
	decoded = otlp__export_metrics_service_request__unpack(NULL, request->size, request->data);
	assert_non_null(decoded);
	otlp__export_metrics_service_request__free_unpacked(decoded, NULL);
	until_failure = left;
	++*(int *)context;
	return 0;
}

static void test_protobuf(void **state)
{
	const struct otlp_options options = {.max_request_bytes = 3000, .nr_bounds = 0};
	const struct figures *figures = hostile_figures();
	int nr_requests = 0, failed = 0, err;

	(void)state;
	do {
		nr_requests = 0;
		until_failure = failed;
		err = otlp_encode(figures, &options, check_whole, &nr_requests);
		until_failure = NEVER;
		if (err)
			assert_int_equal(err, -ENOMEM);
		failed++;
	} while (err);
	assert_true(failed > 20);
	assert_true(nr_requests > 3);
}

static void test_json(void **state)
{
	const struct otlp_options options = {.nr_bounds = 0};
	const struct figures *figures = hostile_figures();
	int failed = 0, err;

	(void)state;
	json_set_alloc_funcs(__wrap_malloc, free);
	do {
		FILE *out = fopen("/dev/null", "we");

		assert_non_null(out);
		until_failure = failed;
		err = otlp_write_json(out, figures, &options);
		until_failure = NEVER;
		fclose(out);
		if (err)
			assert_int_equal(err, -ENOMEM);
		failed += 1 + failed / 500; /* there are thousands, much alike */
	} while (err);
	json_set_alloc_funcs(malloc, free);
	assert_true(failed > 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_protobuf),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests_name("otlp_memory", tests, NULL, NULL);
}
