/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Accept and Accept-Encoding as Prometheus, curl and browsers send them, and junk. */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "export/prometheus/accept.h"
#include "export/prometheus/exposition.h"

#define PROTOBUF "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily"

static void formats(void **state)
{
	static const struct {
		const char *accept;
		enum exposition_format format;
	} cases[] = {
		{NULL, EXPOSITION_TEXT},
		{"", EXPOSITION_TEXT},
		{"*/*", EXPOSITION_TEXT},
		{"application/json", EXPOSITION_TEXT},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
		 EXPOSITION_TEXT},
		/* Prometheus 2.41 */
		{"application/openmetrics-text;version=1.0.0,"
		 "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,"
		 "*/*;q=0.1",
		 EXPOSITION_OPENMETRICS},
		/* Prometheus 3, with native histograms and without */
		{PROTOBUF ";encoding=delimited;q=0.6,"
			  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
			  "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
		 EXPOSITION_PROTOBUF},
		{"application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
		 "application/openmetrics-text;version=0.0.1;q=0.5,"
		 "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
		 "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		 EXPOSITION_OPENMETRICS},
		{"Application/OpenMetrics-Text ; Version = \"1.0.0\"", EXPOSITION_OPENMETRICS},
		{"application/openmetrics-text", EXPOSITION_OPENMETRICS},
		{"application/openmetrics-text;version=2.0.0", EXPOSITION_TEXT},
		{"application/openmetrics-text;q=0, text/plain", EXPOSITION_TEXT},
		{"application/openmetrics-text;q=0", EXPOSITION_TEXT},
		{"application/openmetrics-text;q=1.5,text/plain;q=0.001", EXPOSITION_TEXT},
		{"text/plain;q=0.3,application/openmetrics-text;q=0.299", EXPOSITION_TEXT},
		{"text/plain;q=0.3,application/openmetrics-text;q=0.31", EXPOSITION_OPENMETRICS},
		{PROTOBUF ";encoding=text", EXPOSITION_TEXT},
		{PROTOBUF, EXPOSITION_TEXT},
		{"application/vnd.google.protobuf", EXPOSITION_TEXT},
		{"x;y=\"a,application/openmetrics-text\"", EXPOSITION_TEXT},
		{"x;y=\"a\\\",application/openmetrics-text", EXPOSITION_TEXT},
		{",,;,=;q=,", EXPOSITION_TEXT},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (exposition_negotiate(cases[i].accept) != cases[i].format)
			fail_msg("not format %d: %s", cases[i].format, cases[i].accept);
	}
}

static void gzip(void **state)
{
	static const char *const yes[] = {"gzip",      "deflate, gzip;q=0.5",           "*",
					  "GZIP;q=1.", "br;q=1.0, gzip;q=0.8, *;q=0.1", "x-gzip"};
	static const char *const no[] = {"",        "identity",     "br, deflate",   "gzip;q=0",
					 "*;q=0",   "gzipped",      "*, gzip;q=0.0", "gzip;q=x",
					 "gzip;q=", "gzip;q=0.0000"};

	(void)state;
	assert_false(accept_gzip(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
		if (!accept_gzip(yes[i]))
			fail_msg("refused: %s", yes[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
		if (accept_gzip(no[i]))
			fail_msg("accepted: %s", no[i]);
	}
}

/* The sanitizers see to the bounds; there is always an end. */
static void junk_is_survived(void **state)
{
	static const char *const words[] = {
		"gzip", "*/*", ",", ";",          "q",    "=",  "\"",
		"\\",   "0.5", " ", "text/plain", "\xff", "\t",
	};
	struct random random = {.state = 5};

	(void)state;
	for (int round = 0; round < 100000; round++) {
		char text[128] = "", *exact;
		const char *rest;
		struct accept_element element;
		int nr = 0;

		while (strlen(text) < 100 && random_below(&random, 16))
			strcat(text, words[random_below(&random, ARRAY_SIZE(words))]);
		exact = strdup(text);
		rest = exact;
		while (accept_next(&rest, &element)) {
			assert_true(element.quality <= ACCEPT_QUALITY_ONE);
			assert_true(element.name >= exact &&
				    element.name + element.name_length <= exact + strlen(exact));
			nr++;
		}
		assert_in_range(nr, 0, 100);
		exposition_negotiate(exact);
		accept_gzip(exact);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats),
		cmocka_unit_test(gzip),
		cmocka_unit_test(junk_is_survived),
	};

	return cmocka_run_group_tests_name("accept", tests, NULL, NULL);
}
