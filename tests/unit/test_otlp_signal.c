/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where signals other than metrics go. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "export/otlp/otlp_signal.h"

static const struct row {
	enum otlp_protocol protocol;
	const char *metrics, *given;
	const char *logs; /* NULL: it cannot be told */
} rows[] = {
	{OTLP_HTTP, "http://h:4318/v1/metrics", "", "http://h:4318/v1/logs"},
	{OTLP_HTTP, "https://h/a/v1/metrics?k=v", "", "https://h/a/v1/logs?k=v"},
	{OTLP_HTTP, "http://h/v1/metrics", "http://l/x", "http://l/x"},
	{OTLP_HTTP, "http://h/metrics", "", NULL},
	{OTLP_HTTP, "http://h/", "http://l/", "http://l/"},
	{OTLP_HTTP, "http://h/?x=/v1/metrics", "", NULL},
	{OTLP_GRPC, "http://h:4317", "", "http://h:4317"},
	{OTLP_GRPC, "http://h:4317", "https://l:1", "https://l:1"},
};

static void test_endpoints(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct otlp_settings metrics = {
			.endpoint = (char *)rows[i].metrics,
			.logs_endpoint = (char *)rows[i].given,
			.protocol = rows[i].protocol,
			.timeout_ms = 7,
		};
		struct otlp_settings logs = {};
		int r = otlp_signal_settings(&metrics, OTLP_LOGS, &logs);

		if (!rows[i].logs) {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(logs.endpoint, rows[i].logs);
		assert_int_equal(logs.signal, OTLP_LOGS);
		assert_near(logs.timeout_ms, 7, 0);
		otlp_signal_done(&logs);
		assert_null(logs.endpoint);
	}
}

static void test_methods(void **state)
{
	(void)state;
	assert_string_equal(otlp_signal_method(OTLP_METRICS),
			    "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export");
	assert_string_equal(otlp_signal_method(OTLP_LOGS),
			    "/opentelemetry.proto.collector.logs.v1.LogsService/Export");
	assert_string_equal(otlp_signal_method(OTLP_PROFILES),
			    "/opentelemetry.proto.collector.profiles.v1development.ProfilesService/"
			    "Export");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_methods),
	};

	return cmocka_run_group_tests_name("otlp_signal", tests, NULL, NULL);
}
