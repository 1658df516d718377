/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names as dashboards have them; labels that are always valid; numbers that read back. */
#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "export/prometheus/exposition_labels.h"
#include "export/prometheus/exposition_names.h"
#include "export/prometheus/exposition_number.h"

static void metric_names(void **state)
{
	static const struct {
		const char *name, *unit;
		enum instrument_kind kind;
		const char *expected, *expected_unit;
	} cases[] = {
		{"event_loop.lag", "ms", INSTRUMENT_HISTOGRAM, "event_loop_lag_milliseconds",
		 "milliseconds"},
		{"event_loop.max_lag", "ms", INSTRUMENT_GAUGE, "event_loop_max_lag_milliseconds",
		 "milliseconds"},
		{"event_loop.utilization", "%", INSTRUMENT_GAUGE, "event_loop_utilization_percent",
		 "percent"},
		{"event_loop.blocking_calls", "{call}", INSTRUMENT_COUNTER,
		 "event_loop_blocking_calls", ""},
		{"event_loop.time", "ms", INSTRUMENT_COUNTER, "event_loop_time_milliseconds",
		 "milliseconds"},
		{"nodejs.eventloop.utilization", "1", INSTRUMENT_GAUGE,
		 "nodejs_eventloop_utilization_ratio", "ratio"},
		{"a.ratio", "1", INSTRUMENT_GAUGE, "a_ratio", "ratio"},
		{"a.count", "1", INSTRUMENT_COUNTER, "a_count", ""},
		{"a.sum", "1", INSTRUMENT_UP_DOWN_COUNTER, "a_sum", ""},
		{"loopscope.export.bytes", "By", INSTRUMENT_COUNTER, "loopscope_export_bytes",
		 "bytes"},
		{"a.total", "s", INSTRUMENT_COUNTER, "a_seconds", "seconds"},
		{"a.seconds.total", "s", INSTRUMENT_COUNTER, "a_seconds", "seconds"},
		{"a.total", "s", INSTRUMENT_GAUGE, "a_total_seconds", "seconds"},
		{"a..b--c", "furlong", INSTRUMENT_GAUGE, "a_b_c", ""},
	};
	char name[METRIC_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *unit = metric_name(cases[i].name, cases[i].unit, cases[i].kind, name);

		assert_string_equal(name, cases[i].expected);
		assert_string_equal(unit, cases[i].expected_unit);
	}
}

static void every_instrument_has_its_own_name(void **state)
{
	static char names[128][METRIC_NAME_LEN];

	(void)state;
	assert_in_range(nr_instruments, 1, ARRAY_SIZE(names));
	for (size_t i = 0; i < nr_instruments; i++) {
		metric_name(instruments[i].name, instruments[i].unit, instruments[i].kind,
			    names[i]);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(names[i], names[j]);
	}
}

static void label_names(void **state)
{
	static const char *const cases[][2] = {
		{"thread.name", "thread_name"},
		{"k8s.pod.name", "k8s_pod_name"},
		{"a b\n\"c", "a_b_c"},
		{"caf\xc3\xa9.x", "caf_x"},
		{"1st", "key_1st"},
		{"__name__", "key_name_"},
		{"_x", "key_x"},
		{"\xc3\xa9", "key_"},
		{"", "key_"},
		{"le", "key_le"},
	};
	char name[LABEL_NAME_LEN], longest[3 * LABEL_NAME_LEN];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		label_name(cases[i][0], name);
		assert_string_equal(name, cases[i][1]);
	}
	memset(longest, '1', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	label_name(longest, name);
	assert_in_range(strlen(name), 100, LABEL_NAME_LEN - 1);
}

static const char *text_of(double value)
{
	static char text[NUMBER_TEXT_LEN];

	size_t length = number_text(value, text);

	assert_int_equal(length, strlen(text));
	return text;
}

static void numbers(void **state)
{
	static char integer[NUMBER_TEXT_LEN];

	(void)state;
	assert_string_equal(text_of(0), "0");
	assert_string_equal(text_of(-1.5), "-1.5");
	assert_string_equal(text_of(100), "100");
	assert_string_equal(text_of(123.456789), "123.456789");
	assert_string_equal(text_of(0.000001), "0.000001");
	assert_string_equal(text_of(0.000000001), "0.000000001");
	assert_string_equal(text_of(12.345000678), "12.345000678");
	assert_string_equal(text_of(1e300), "1e+300");
	assert_string_equal(text_of(NAN), "NaN");
	assert_string_equal(text_of(INFINITY), "+Inf");
	assert_string_equal(text_of(-INFINITY), "-Inf");
	assert_int_equal(number_text_integer(0, integer), 1);
	assert_string_equal(integer, "0");
	number_text_integer(UINT64_MAX, integer);
	assert_string_equal(integer, "18446744073709551615");
}

/* Whatever it is: what is written is read as the very same number. */
static void numbers_read_back(void **state)
{
	struct random random = {.state = 3};

	(void)state;
	for (int i = 0; i < 300000; i++) {
		double exact = (double)random_scale(&random, 60);
		double values[] = {exact, exact / 1e6, exact / 1e9, exact / 3, -exact / 1e3, 0};

		do {
			uint64_t bits = random_next(&random);

			memcpy(&values[5], &bits, sizeof(bits));
		} while (!isfinite(values[5]));
		for (size_t j = 0; j < ARRAY_SIZE(values); j++)
			assert_true(strtod(text_of(values[j]), NULL) == values[j]);
	}
}

static void assert_label(const struct labels *labels, size_t index, const char *name,
			 const char *value)
{
	assert_string_equal(labels->items[index].name, name);
	assert_string_equal(label_value(labels, index), value);
}

static void labels_are_sorted_and_joined(void **state)
{
	static struct labels labels;
	static const char *const texts[] = {"one", "two \"2\""};
	const struct attribute attributes[] = {
		ATTRIBUTE_OF_TEXT("b.x", "first"),
		ATTRIBUTE_OF_TEXT("b-x", "zero"),
		ATTRIBUTE_OF_TEXT("a", "1"),
		ATTRIBUTE_OF_TEXT("b_x", "last"),
		ATTRIBUTE_OF_TEXT("b.x", "another's: left out"),
		ATTRIBUTE_OF_INTEGER("c", -7),
		ATTRIBUTE_OF_BOOLEAN("d", true),
		{.key = "e", .type = ATTRIBUTE_DOUBLE, .number = 0.5},
		{.key = "f", .type = ATTRIBUTE_TEXTS, .texts = {texts, 2}},
		ATTRIBUTE_OF_INTEGER("g", 7),
	};
	const struct attribute *pointers[ARRAY_SIZE(attributes)];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
		pointers[i] = &attributes[i];
	for (int again = 0; again < 2; again++) {
		assert_int_equal(labels_make(&labels, pointers, ARRAY_SIZE(attributes)), 0);
		assert_int_equal(labels.nr, 7);
		assert_label(&labels, 0, "a", "1");
		assert_label(&labels, 1, "b_x", "zero;first;last");
		assert_label(&labels, 2, "c", "-7");
		assert_label(&labels, 3, "d", "true");
		assert_label(&labels, 4, "e", "0.5");
		assert_label(&labels, 5, "f", "[\"one\",\"two \\\"2\\\"\"]");
		assert_label(&labels, 6, "g", "7");
	}
	labels_done(&labels);
}

/* Far more keys than are remembered at a time. */
static void many_keys(void **state)
{
	static char keys[5000][16];
	static struct labels labels;

	(void)state;
	for (unsigned int i = 0; i < ARRAY_SIZE(keys); i += 50) {
		struct attribute attributes[50];
		const struct attribute *pointers[50];

		for (unsigned int j = 0; j < 50; j++) {
			snprintf(keys[i + j], sizeof(keys[0]), "k.%05u", i + j);
			attributes[j] = ATTRIBUTE_OF_INTEGER(keys[i + j], i + j);
			pointers[j] = &attributes[j];
		}
		assert_int_equal(labels_make(&labels, pointers, 50), 0);
		for (unsigned int j = 0; j < 50; j++) {
			char name[16], value[16];

			snprintf(name, sizeof(name), "k_%05u", i + j);
			snprintf(value, sizeof(value), "%u", i + j);
			assert_label(&labels, j, name, value);
		}
	}
	labels_done(&labels);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(metric_names),
		cmocka_unit_test(every_instrument_has_its_own_name),
		cmocka_unit_test(label_names),
		cmocka_unit_test(numbers),
		cmocka_unit_test(numbers_read_back),
		cmocka_unit_test(labels_are_sorted_and_joined),
		cmocka_unit_test(many_keys),
	};

	return cmocka_run_group_tests_name("exposition_names", tests, NULL, NULL);
}
