/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What may be said of an export: one line, cut to length, and no secret in it. */
#include "unit.h"

#include <string.h>

#include "export/otlp/otlp_message.h"

static struct text_pair headers[] = {
	{"authorization", "Bearer abcdef-123456"},
	{"x-key", "k33p-it-secret"},
	{"x-short", "1"},
};

static const struct otlp_settings settings = {
	.endpoint = "https://me:hunter%2D22@receiver:4318/v1/metrics",
	.proxy = "proxy-user:pr0xy-pass@proxy:3128",
	.headers = {headers, ARRAY_SIZE(headers)},
};

static void assert_said(const char *text, const char *expected)
{
	char message[OTLP_CLIENT_MESSAGE_LEN];
	struct text_list secrets;

	assert_int_equal(otlp_secrets_new(&settings, &secrets), 0);
	otlp_message_set(message, "%s", text);
	otlp_message_redact(message, &secrets);
	assert_string_equal(message, expected);
	text_list_done(&secrets);
}

static void test_redacted(void **state)
{
	(void)state;
	assert_said("all is well: 1", "all is well: 1");
	assert_said("bad token 'Bearer abcdef-123456'", "bad token '***'");
	assert_said("bad token 'abcdef-123456'", "bad token '***'");
	assert_said("abcdef-123456abcdef-123456", "******");
	assert_said("Bearer is missing", "Bearer is missing");
	assert_said("k33p-it-secret", "***");
	assert_said("k33p-it-s", "***"); /* cut off in its midst */
	assert_said("k33p-it-s!", "k33p-it-s!");
	assert_said("k33p", "k33p");
	assert_said("hunter-22 or hunter%2D22", "*** or ***");
	assert_said("no proxy for pr0xy-pass", "no proxy for ***");
	assert_said("cannot reach https://a:b@c/d and //x@y",
		    "cannot reach https://***@c/d and //*@y");
	assert_said("http://c/d@e", "http://c/d@e");
	assert_said("http://user:p@ss@host/", "http://***@host/");
}

static void test_cleaned(void **state)
{
	(void)state;
	assert_said("a\nb\r\tc\x1b[0m\x7f", "a?b??c?[0m?");
	assert_said("caf\xc3\xa9 \xff", "caf\xc3\xa9 \xef\xbf\xbd");
}

/* Cut between characters, and a secret that the cut goes through is one. */
static void test_cut(void **state)
{
	char long_text[3001], message[OTLP_CLIENT_MESSAGE_LEN];
	struct text_list secrets;

	(void)state;
	memset(long_text, 'x', sizeof(long_text));
	long_text[sizeof(long_text) - 1] = '\0';
	otlp_message_set(message, "%s", long_text);
	assert_int_equal(strlen(message), OTLP_CLIENT_MESSAGE_LEN - 1);
	for (size_t i = 0; i + 1 < sizeof(long_text); i += 2)
		memcpy(long_text + i, "\xc3\xa9", 2);
	otlp_message_set(message, "%s", long_text);
	assert_int_equal(strlen(message), OTLP_CLIENT_MESSAGE_LEN - 2);

	memset(long_text, ' ', sizeof(long_text) - 1);
	memcpy(long_text + OTLP_CLIENT_MESSAGE_LEN - 10, "k33p-it-secret", 14);
	otlp_message_set(message, "%s", long_text);
	assert_non_null(strstr(message, "k33p-it-s"));
	assert_int_equal(otlp_secrets_new(&settings, &secrets), 0);
	otlp_message_redact(message, &secrets);
	assert_null(strstr(message, "k33p"));
	text_list_done(&secrets);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_redacted),
		cmocka_unit_test(test_cleaned),
		cmocka_unit_test(test_cut),
	};

	return cmocka_run_group_tests_name("otlp_message", tests, NULL, NULL);
}
