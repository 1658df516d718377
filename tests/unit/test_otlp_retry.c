/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The retry rules of OTLP: codes, back-off, Retry-After in both forms. */
#include "unit.h"

#include <stdbool.h>

#include "export/otlp/otlp_client.h"

static void test_backoff(void **state)
{
	/* 1 s, times 1.5 each, 5 s at most */
	static const double middle_ms[] = {1000, 1500, 2250, 3375, 5000, 5000, 5000};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(middle_ms); i++) {
		unsigned int attempt = i + 1;

		assert_near(otlp_retry_backoff_ms(attempt, 0.5), middle_ms[i], 1e-9);
		assert_near(otlp_retry_backoff_ms(attempt, 0), 0.8 * middle_ms[i], 1e-9);
		assert_near(otlp_retry_backoff_ms(attempt, 1), 1.2 * middle_ms[i], 1e-9);
	}
	assert_near(otlp_retry_backoff_ms(4000000000U, 0.5), 5000, 1e-9);
}

/* 2026-02-03 04:05:06 UTC, a Tuesday */
#define DATE_S 1770091506LL

static void test_retry_after(void **state)
{
	static const struct {
		const char *text;
		double after_ms; /* seen from 10 s before DATE_S */
	} cases[] = {
		{"0", 0},
		{"7", 7000},
		{"  120 ", 120000},
		{"00012", 12000},
		{"Tue, 03 Feb 2026 04:05:06 GMT", 10000},
		{"Tuesday, 03-Feb-26 04:05:06 GMT", 10000},
		{"Tue Feb  3 04:05:06 2026", 10000},
		{" Tue, 03 Feb 2026 04:05:06 GMT", 10000},
		{"Tue, 03 Feb 2026 04:04:00 GMT", 0}, /* has been */
		{"", -1},
		{" ", -1},
		{"-5", -1},
		{"+5", -1},
		{"1.5", -1},
		{"5s", -1},
		{"5 6", -1},
		{"soon", -1},
		{"Tue, 33 Feb 2026 04:05:06 GMT", -1},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		double after_ms = otlp_retry_after_ms(cases[i].text, DATE_S - 10);

		if (after_ms != cases[i].after_ms)
			fail_msg("'%s': %g ms, expected %g", cases[i].text, after_ms,
				 cases[i].after_ms);
	}
	/* more seconds than any type has: long, but a number */
	assert_true(otlp_retry_after_ms("99999999999999999999999999", 0) >= 1e12);
	assert_true(isfinite(otlp_retry_after_ms("99999999999999999999999999", 0)));
}

static void test_http_status(void **state)
{
	(void)state;
	for (long status = 0; status < 1000; status++) {
		bool listed = status == 429 || (status >= 502 && status <= 504);

		assert_int_equal(otlp_retry_http_status(status), listed);
	}
}

static void test_grpc_status(void **state)
{
	/* by number, as the specification's table has them */
	static const char verdicts[] = "nynnynnn?nyynnyyn";

	(void)state;
	for (int code = 0; code < 17; code++) {
		assert_int_equal(otlp_retry_grpc_status(code, false), verdicts[code] == 'y');
		assert_int_equal(otlp_retry_grpc_status(code, true), verdicts[code] != 'n');
	}
	assert_false(otlp_retry_grpc_status(-1, true));
	assert_false(otlp_retry_grpc_status(17, true));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_http_status),
		cmocka_unit_test(test_grpc_status),
	};

	return cmocka_run_group_tests_name("otlp_retry", tests, NULL, NULL);
}
