/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The demo server's HTTP: requests in pieces, in a row, and junk of every kind. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/demo_http.h"

static struct http_request parse(const char *text)
{
	struct http_request request = {};

	assert_int_equal(http_parse_request(text, strlen(text), &request), strlen(text));
	return request;
}

static void requests_are_read(void **state)
{
	struct http_request request = parse("GET /slow?x=1 HTTP/1.1\r\nHost: a\r\n\r\n");

	(void)state;
	assert_int_equal(request.status, 200);
	assert_string_equal(request.path, "/slow");
	assert_true(request.keep_alive);
	assert_false(request.head);
	assert_int_equal(request.body_bytes, 0);
	request = parse("\r\nHEAD / HTTP/1.0\nContent-Length: 12\n\n");
	assert_int_equal(request.status, 200);
	assert_string_equal(request.path, "/");
	assert_true(request.head);
	assert_false(request.keep_alive);
	assert_int_equal(request.body_bytes, 12);
}

static void connections_are_kept_or_not(void **state)
{
	(void)state;
	assert_false(parse("GET / HTTP/1.1\r\nConnection: close\r\n\r\n").keep_alive);
	assert_false(parse("GET / HTTP/1.1\r\ncONNECTION:\tTE , cLOSE\r\n\r\n").keep_alive);
	assert_true(parse("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").keep_alive);
	assert_true(parse("GET / HTTP/1.1\r\nConnection: closed\r\n\r\n").keep_alive);
	assert_true(parse("GET / HTTP/1.1\r\nConnection:\r\n\r\n").keep_alive);
	assert_true(parse("POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n").keep_alive);
}

static void wrong_requests_are_refused(void **state)
{
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{"GET / HTTP/2.0\r\n\r\n", 505},
		{"GET / FTP/1.1\r\n\r\n", 400},
		{"GET /\r\n\r\n", 400},
		{"GET  / HTTP/1.1\r\n\r\n", 400},
		{"GET * HTTP/1.1\r\n\r\n", 400},
		{"GE(T / HTTP/1.1\r\n\r\n", 400},
		{"POST / HTTP/1.1\r\n\r\n", 405},
		{"get / HTTP/1.1\r\n\r\n", 405},
		{"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\n: nothing\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length: 1 1\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length:\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
		{"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 501},
		{"\x16\x03\x01\x02", 400},
		{"{\"json\": 1}", 400},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct http_request request = parse(cases[i].text);

		if (request.status != cases[i].status)
			fail_msg("%d, not %d, to: %s", request.status, cases[i].status,
				 cases[i].text);
		assert_string_equal(request.path, "");
		assert_true(request.status == 405 || !request.keep_alive);
	}
}

static void long_requests_are_refused(void **state)
{
	static char text[HTTP_MAX_HEAD + 1];
	struct http_request request;

	(void)state;
	snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n\r\n", HTTP_MAX_PATH - 2, 0);
	assert_int_equal(parse(text).status, 200);
	snprintf(text, sizeof(text), "GET /%0*d HTTP/1.1\r\n\r\n", HTTP_MAX_PATH - 1, 0);
	assert_int_equal(parse(text).status, 414);
	memset(text, 'G', HTTP_MAX_HEAD);
	assert_int_equal(http_parse_request(text, HTTP_MAX_HEAD - 1, &request), 0);
	assert_int_equal(http_parse_request(text, HTTP_MAX_HEAD, &request), HTTP_MAX_HEAD);
	assert_int_equal(request.status, 431);
	memset(text, '\n', HTTP_MAX_HEAD);
	assert_int_equal(http_parse_request(text, HTTP_MAX_HEAD, &request), HTTP_MAX_HEAD);
	assert_int_equal(request.status, 431);
}

static void nul_is_a_byte_like_others(void **state)
{
	static const char path[] = "GET /a\0b HTTP/1.1\r\n\r\n",
			  name[] = "GET / HTTP/1.1\r\na\0: b\r\n\r\n";
	struct http_request request;

	(void)state;
	assert_int_equal(http_parse_request(path, sizeof(path) - 1, &request), sizeof(path) - 1);
	assert_int_equal(request.status, 400);
	assert_int_equal(http_parse_request(name, sizeof(name) - 1, &request), sizeof(name) - 1);
	assert_int_equal(request.status, 400);
	assert_int_equal(http_parse_request("\0", 1, &request), 1);
	assert_int_equal(request.status, 400);
}

static void pieces_and_rows_come_out_alike(void **state)
{
	static const char first[] = "GET /fast HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n";
	static const char both[] =
		"GET /fast HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\nGET / HTTP/1.1\r\n\r\n";
	struct http_request request;

	(void)state;
	for (size_t i = 0; i < sizeof(both); i++) {
		size_t length = http_parse_request(both, i, &request);

		assert_int_equal(length, i < sizeof(first) - 1 ? 0 : sizeof(first) - 1);
	}
	assert_string_equal(request.path, "/fast");
}

/* Whatever the bytes: within bounds (the sanitizers see to that), and a sound answer. */
static void junk_is_survived(void **state)
{
	static const char *const words[] = {"GET ",
					    "/",
					    " HTTP/1.1",
					    "\r\n",
					    "\n",
					    "\r",
					    ":",
					    "?",
					    "Content-Length: 5",
					    "Connection: ,close",
					    "\0\0",
					    "\xff",
					    " ",
					    "\t",
					    "HEAD "};
	struct random random = {.state = 7};

	(void)state;
	for (int round = 0; round < 100000; round++) {
		struct http_request request = {.status = -1};
		size_t size = 0, length;
		char *text = malloc(256);

		while (size < 128 && random_below(&random, 12)) {
			const char *word = words[random_below(&random, ARRAY_SIZE(words))];
			size_t n = *word ? strlen(word) : 2;

			memcpy(text + size, word, n);
			size += n;
		}
		text = realloc(text, size + !size);
		length = http_parse_request(text, size, &request);
		assert_true(length <= size);
		assert_int_equal(length == 0, request.status == -1);
		assert_true(request.body_bytes <= HTTP_MAX_BODY);
		free(text);
	}
}

static void responses_are_framed(void **state)
{
	struct http_request request = parse("GET / HTTP/1.1\r\n\r\n");
	char text[512];
	size_t length = http_format_response(text, sizeof(text), &request, "hello");

	(void)state;
	assert_int_equal(length, strlen(text));
	assert_non_null(strstr(text, "HTTP/1.1 200 OK\r\n"));
	assert_non_null(strstr(text, "\r\nContent-Length: 6\r\n"));
	assert_non_null(strstr(text, "\r\nConnection: keep-alive\r\n\r\nhello\n"));
	request.status = 404;
	request.head = true;
	length = http_format_response(text, sizeof(text), &request, NULL);
	assert_string_equal(text + length - 4, "\r\n\r\n");
	assert_non_null(strstr(text, "\r\nContent-Length: 10\r\n"));
	assert_int_equal(http_format_response(text, 100, &request, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_read),
		cmocka_unit_test(connections_are_kept_or_not),
		cmocka_unit_test(wrong_requests_are_refused),
		cmocka_unit_test(long_requests_are_refused),
		cmocka_unit_test(nul_is_a_byte_like_others),
		cmocka_unit_test(pieces_and_rows_come_out_alike),
		cmocka_unit_test(junk_is_survived),
		cmocka_unit_test(responses_are_framed),
	};

	return cmocka_run_group_tests_name("demo_http", tests, NULL, NULL);
}
