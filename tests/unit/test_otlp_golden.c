/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The made-up figures as OTLP, byte for byte. What the bytes mean is proven by
 * tests/export/, which decodes these files too.
 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "example_figures.h"
#include "example_report.h"
#include "export/otlp/otlp.h"
#include "golden.h"

static const double bounds[] = {0.5, 1, 2, 5, 10, 100, 1000};

static struct otlp_options options_of(enum temporality temporality, enum aggregation aggregation)
{
	return (struct otlp_options){
		.temporality = temporality,
		.aggregation = aggregation,
		.bounds_ms = bounds,
		.nr_bounds = ARRAY_SIZE(bounds),
		.max_request_bytes = 1 << 20,
		.agent_since = example_agent_since(),
		.agent_since_unix_ns = EXAMPLE_SINCE_NS,
	};
}

static int compare_request(struct buffer *request, size_t nr_points, void *name)
{
	assert_true(nr_points > 0);
	assert_golden_hex(name, request->data, request->size);
	return 0;
}

static void check_protobuf(const char *name, enum temporality temporality,
			   enum aggregation aggregation)
{
	struct figures *figures = example_figures();
	const struct otlp_options options = options_of(temporality, aggregation);

	assert_int_equal(otlp_encode(figures, &options, compare_request, (void *)name), 0);
}

static void write_json(FILE *out, const void *options)
{
	assert_int_equal(otlp_write_json(out, example_figures(), options), 0);
}

static void check_json(const char *name, enum temporality temporality, enum aggregation aggregation)
{
	const struct otlp_options options = options_of(temporality, aggregation);
	char *text = written_by(write_json, &options);

	assert_golden(name, text, strlen(text));
	free(text);
}

static void test_cumulative_exponential(void **state)
{
	(void)state;
	check_protobuf("otlp_cumulative_exponential.hex", TEMPORALITY_CUMULATIVE,
		       AGGREGATION_EXPONENTIAL);
	check_json("otlp_cumulative_exponential.json", TEMPORALITY_CUMULATIVE,
		   AGGREGATION_EXPONENTIAL);
}

static void test_delta_explicit(void **state)
{
	(void)state;
	check_protobuf("otlp_delta_explicit.hex", TEMPORALITY_DELTA, AGGREGATION_EXPLICIT);
	check_json("otlp_delta_explicit.json", TEMPORALITY_DELTA, AGGREGATION_EXPLICIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cumulative_exponential),
		cmocka_unit_test(test_delta_explicit),
	};

	return cmocka_run_group_tests_name("otlp_golden", tests, NULL, NULL);
}
