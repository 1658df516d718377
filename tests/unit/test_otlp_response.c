/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Responses taken in piece by piece and judged, whatever a stranger sends: bounds
 * hold, and no input is worse than a verdict. What each proper answer means is
 * tested with real transfers, in tests/export.
 */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "export/otlp/otlp_response.h"
#include "export/otlp/otlp_verdict.h"

static int add_line(struct otlp_response *response, const char *line)
{
	return otlp_response_add_header(response, line, strlen(line));
}

static void test_headers(void **state)
{
	struct otlp_response response = {};

	(void)state;
	assert_int_equal(add_line(&response, "HTTP/1.1 102 Processing\r\n"), 0);
	assert_int_equal(add_line(&response, "Retry-After: 1\r\n"), 0);
	assert_int_equal(add_line(&response, "\r\n"), 0);
	assert_false(response.headers_ended); /* of the real answer */
	assert_int_equal(add_line(&response, "HTTP/2 503 \r\n"), 0);
	assert_null(response.headers[HEADER_RETRY_AFTER]);
	assert_int_equal(add_line(&response, "RETRY-AFTER:\t 7 \r\n"), 0);
	assert_int_equal(add_line(&response, "retry-after-that: 8\r\n"), 0);
	assert_int_equal(add_line(&response, "no colon\r\n"), 0);
	assert_int_equal(add_line(&response, "grpc-message:\r\n"), 0);
	assert_int_equal(add_line(&response, ":\r\n"), 0);
	assert_false(response.headers_ended);
	assert_int_equal(add_line(&response, "\r\n"), 0);
	assert_true(response.headers_ended);
	assert_int_equal(add_line(&response, "grpc-status: 5\r\n"), 0); /* a trailer */
	assert_int_equal(add_line(&response, "grpc-status: 14\r\n"), 0);
	assert_int_equal(response.status, 503);
	assert_string_equal(response.headers[HEADER_RETRY_AFTER], "7");
	assert_string_equal(response.headers[HEADER_GRPC_MESSAGE], "");
	assert_string_equal(response.headers[HEADER_GRPC_STATUS], "14");
	assert_null(response.headers[HEADER_LOCATION]);
	otlp_response_done(&response);
}

static void test_bounds(void **state)
{
	static const char piece[4096] = "\0";
	struct otlp_response response = {};
	size_t nr = 0;

	(void)state;
	while (add_line(&response, "X-More: of the same\r\n") == 0)
		nr++;
	assert_int_equal(add_line(&response, "X-More: of the same\r\n"), -E2BIG);
	assert_true(nr * 21 <= OTLP_RESPONSE_HEADERS_MAX &&
		    nr * 21 > OTLP_RESPONSE_HEADERS_MAX - 42);
	nr = 0;
	while (otlp_response_add_body(&response, piece, sizeof(piece)) == 0)
		nr++;
	assert_int_equal(nr * sizeof(piece), OTLP_RESPONSE_TAKE_MAX);
	assert_int_equal(response.body.size, OTLP_RESPONSE_BODY_MAX);
	otlp_response_done(&response);
}

static void test_frame(void **state)
{
	struct buffer body = {};

	(void)state;
	assert_int_equal(otlp_grpc_frame(&body, true), 0);
	assert_int_equal(body.size, 5);
	assert_memory_equal(body.data, "\1\0\0\0\0", 5);
	buffer_reset(&body);
	for (int i = 0; i < 0x1234; i++)
		buffer_append(&body, &(char){(char)i}, 1);
	assert_int_equal(otlp_grpc_frame(&body, false), 0);
	assert_int_equal(body.size, 5 + 0x1234);
	assert_memory_equal(body.data, "\0\0\0\x12\x34\0\1\2", 8);
	buffer_done(&body);
}

static void test_timeout(void **state)
{
	static const struct {
		double ms;
		const char *text;
	} cases[] = {
		{0, "1m"}, {0.4, "1m"}, {10000, "10000m"}, {1e12, "99999999m"}, {1500.4, "1500m"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[GRPC_TIMEOUT_LEN];

		otlp_grpc_timeout(cases[i].ms, text);
		assert_string_equal(text, cases[i].text);
	}
}

/* Bytes that are likely to mean something. */
static char random_byte(struct random *random)
{
	static const char likely[] = "\x0a\x12\x08\x1a\x00\x01\x05%2=/+AAAAgoogle.rpc.RetryInfo";

	return random_below(random, 3) ? likely[random_below(random, sizeof(likely))]
				       : (char)random_next(random);
}

static void add_random_header(struct otlp_response *response, const char *name,
			      struct random *random)
{
	char line[256] = "";
	size_t length = strlen(name), size = length + random_below(random, 200);

	memcpy(line, name, length);
	for (size_t i = length; i < size; i++)
		line[i] = random_byte(random);
	otlp_response_add_header(response, line, size);
}

static void assert_sane(const struct otlp_verdict *verdict)
{
	assert_true(verdict->kind == VERDICT_ACCEPTED || verdict->kind == VERDICT_REFUSED ||
		    verdict->kind == VERDICT_RETRY);
	assert_true(verdict->retry_after_ms == -1 || verdict->retry_after_ms >= 0);
	assert_true(strlen(verdict->message) < OTLP_CLIENT_MESSAGE_LEN);
	for (const char *c = verdict->message; *c; c++)
		assert_true((unsigned char)*c >= ' ');
}

static void test_random(void **state)
{
	static const char *const lines[] = {"HTTP/1.1 200 OK\r\n",
					    "HTTP/1.1 400 \r\n",
					    "HTTP/2 503 ",
					    "HTTP/1.1 302 ",
					    "HTTP/",
					    "HTTP/1.1 99999999999999 "};
	static const char *const names[] = {
		"grpc-status: ", "grpc-message: ", "grpc-status-details-bin: ", "content-type: ",
		"location: ",    "retry-after: ",  "grpc-encoding: gzip"};
	struct random random = {7};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct otlp_response response = {};
		struct otlp_verdict verdict;

		add_line(&response, lines[random_below(&random, ARRAY_SIZE(lines))]);
		if (random_below(&random, 2))
			add_line(&response, "content-type: application/grpc+proto");
		if (random_below(&random, 2))
			add_line(&response,
				 random_below(&random, 2) ? "grpc-status: 0" : "grpc-status: 8");
		for (int j = random_below(&random, 4); j > 0; j--)
			add_random_header(&response,
					  names[random_below(&random, ARRAY_SIZE(names))], &random);
		for (int j = random_below(&random, 300); j > 0; j--)
			otlp_response_add_body(&response, &(char){random_byte(&random)}, 1);
		otlp_http_judge(&response, 1770091506, &verdict);
		assert_sane(&verdict);
		otlp_grpc_judge(&response, &verdict);
		assert_sane(&verdict);
		otlp_response_done(&response);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers), cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_frame),   cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests_name("otlp_response", tests, NULL, NULL);
}
