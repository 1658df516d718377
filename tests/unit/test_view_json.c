/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The JSON of a report, byte for byte, and what hostile names do to it. */
#include "unit.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "example_report.h"
#include "view/json.h"
#include "base/utf8.h"

static void write_loop(FILE *out, const void *entry)
{
	assert_int_equal(json_write_loop(out, entry), 0);
}

static void write_listed(FILE *out, const void *entry)
{
	assert_int_equal(json_write_listed(out, entry, 1500 * MS), 0);
}

static void write_summary(FILE *out, const void *summary)
{
	assert_int_equal(json_write_summary(out, summary), 0);
}

static void assert_written(void (*write)(FILE *out, const void *context), const void *context,
			   const char *expected)
{
	char *text = written_by(write, context);

	assert_string_equal(text, expected);
	free(text);
}

static void test_loop(void **state)
{
	const struct loop_report report = example_report();
	static const struct entry_container container = {"c0ffee", "main", "web-1", "shop"};
	const struct loop_entry entry = {.report = &report,
					 .runtime = "redis",
					 .cgroup = "/system.slice/redis.service",
					 .container = &container};

	(void)state;
	assert_written(
		write_loop, &entry,
		"{\"pid\":4242,\"tid\":4243,\"process\":\"redis-server\",\"thread\":\"main\","
		"\"runtime\":\"redis\",\"runtime_version\":null,\"loop_library\":null,"
		"\"loop_library_version\":null,\"wait_family\":\"epoll\",\"parks\":false,"
		"\"cgroup\":\"/system.slice/redis.service\","
		"\"container\":{\"id\":\"c0ffee\",\"name\":\"main\"},"
		"\"pod\":{\"namespace\":\"shop\",\"name\":\"web-1\"},\"state\":\"busy\",\"ended\":"
		"false,"
		"\"window_s\":1.0,\"utilization\":0.41,"
		"\"time_ms\":{\"poll\":590.0,\"cpu\":200.0,\"runqueue\":0.0,\"cpu_quota\":0.0,"
		"\"syscall\":200.0,\"page_fault\":0.0,\"lock\":10.0,\"other\":0.0},"
		"\"poll_ms\":{\"sum\":590.0},\"iterations\":12,\"events\":18,"
		"\"busy_ms\":{\"count\":13,\"sum\":410.0,\"p50\":0.2,\"p95\":110.0,\"p99\":119.0,"
		"\"max\":120.0},"
		"\"lag_ms\":{\"p50\":0.0,\"p95\":80.0,\"p99\":112.5,\"max\":120.0},"
		"\"wake_delay_ms\":{\"count\":10,\"sum\":1.0,\"p50\":0.05,\"p99\":0.4,\"max\":0.41,"
		"\"runqueue\":0.75,\"cpu_quota\":0.25},"
		"\"syscalls\":[{\"name\":\"fsync\",\"count\":2,\"time_ms\":190.0},"
		"{\"name\":\"futex\",\"count\":40,\"time_ms\":10.0},"
		"{\"name\":\"sys_9999\",\"count\":1,\"time_ms\":10.0}],"
		"\"stalls\":2,\"current_busy_ms\":120.0,"
		"\"where\":{\"cause\":\"syscall\",\"syscall\":\"fsync\"}}\n");
}

static void test_unseen(void **state)
{
	const struct loop_report report = example_unseen_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};

	(void)state;
	assert_written(
		write_loop, &entry,
		"{\"pid\":7,\"tid\":7,\"process\":\"stuck\",\"thread\":\"stuck\",\"runtime\":null,"
		"\"runtime_version\":null,\"loop_library\":null,\"loop_library_version\":null,"
		"\"wait_family\":\"epoll\",\"parks\":false,\"cgroup\":null,\"container\":null,"
		"\"pod\":null,\"state\":\"unseen\",\"ended\":false,"
		"\"window_s\":0.0,\"utilization\":null,"
		"\"time_ms\":{\"poll\":0.0,\"cpu\":0.0,\"runqueue\":0.0,\"cpu_quota\":0.0,"
		"\"syscall\":0.0,\"page_fault\":0.0,\"lock\":0.0,\"other\":0.0},"
		"\"poll_ms\":{\"sum\":0.0},\"iterations\":0,\"events\":0,"
		"\"busy_ms\":{\"count\":0,\"sum\":0.0,\"p50\":null,\"p95\":null,\"p99\":null,"
		"\"max\":null},"
		"\"lag_ms\":{\"p50\":null,\"p95\":null,\"p99\":null,\"max\":null},"
		"\"wake_delay_ms\":{\"count\":0,\"sum\":0.0,\"p50\":null,\"p99\":null,\"max\":null,"
		"\"runqueue\":0.0,\"cpu_quota\":0.0},"
		"\"syscalls\":[],\"stalls\":0,\"current_busy_ms\":2500.0,"
		"\"where\":{\"cause\":\"cpu\",\"syscall\":null}}\n");
}

/* What is not known is null, and so are names in no pod. */
static void test_containers(void **state)
{
	static const struct entry_container alone = {"c0ffee", "redis", "", ""},
					    hostile = {"", "", "a\xff\n", "b\"c"};
	const struct loop_report report = example_report();
	struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = &alone};
	char *text = written_by(write_loop, &entry);

	(void)state;
	assert_non_null(strstr(text, "\"container\":{\"id\":\"c0ffee\",\"name\":\"redis\"},"
				     "\"pod\":null,"));
	free(text);
	entry.container = &hostile;
	text = written_by(write_loop, &entry);
	assert_non_null(strstr(text, "\"container\":{\"id\":null,\"name\":null},\"pod\":{"
				     "\"namespace\":\"b\\\"c\",\"name\":\"a"));
	assert_true(utf8_valid(text));
	free(text);
}

static void test_listed(void **state)
{
	const struct loop_report report = example_unseen_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = "node", .cgroup = "", .container = NULL};

	(void)state;
	assert_written(write_listed, &entry,
		       "{\"pid\":7,\"tid\":7,\"process\":\"stuck\",\"thread\":\"stuck\","
		       "\"runtime\":\"node\",\"runtime_version\":null,\"loop_library\":null,"
		       "\"loop_library_version\":null,\"wait_family\":\"epoll\",\"parks\":false,"
		       "\"cgroup\":null,"
		       "\"container\":null,\"pod\":null,\"state\":\"unseen\",\"ended\":false,\"age_"
		       "s\":1.5,\"no_loop\":null}\n");
}

static void test_summary(void **state)
{
	const struct summary summary = {
		.loops = 3,
		.records_lost = 4,
		.loops_lost = 5,
		.torn = 6,
		.misses = 7,
		.compat_skipped = 8,
		.stalls_held = 9,
		.stacks_held = 10,
		.nr_hooks = 2,
		.hooks = {{"wait_edges", "tp_btf"}, {"off_cpu", NULL}},
	};

	(void)state;
	assert_written(write_summary, &summary,
		       "{\"summary\":true,\"loops\":3,\"records_lost\":4,\"loops_lost\":5,"
		       "\"torn\":6,\"misses\":7,\"compat_skipped\":8,"
		       "\"stalls_held\":9,\"stacks_held\":10,"
		       "\"hooks\":{\"wait_edges\":\"tp_btf\",\"off_cpu\":null}}\n");
}

/* A loop that ended has no `where`, and its state is one of the three. */
static void test_ended(void **state)
{
	struct loop_report report = example_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};
	char *text;

	(void)state;
	report.state = REPORT_ENDED;
	text = written_by(write_loop, &entry);
	assert_non_null(strstr(text, "\"state\":\"busy\",\"ended\":true"));
	assert_non_null(strstr(text, "\"where\":null"));
	free(text);
}

/* Nanoseconds survive. */
static void test_digits(void **state)
{
	struct loop_report report = example_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};
	char *text;

	(void)state;
	report.poll_ns = 864000000000001ULL;
	text = written_by(write_loop, &entry);
	assert_non_null(strstr(text, "\"poll\":864000000.000001"));
	free(text);
}

static void test_hostile_names(void **state)
{
	struct loop_report report = example_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "/a\xc3(\"\\", .container = NULL};
	struct random random = {1};

	(void)state;
	for (int i = 0; i < 2000; i++) {
		char *text;
		json_t *object;

		for (size_t j = 0; j < sizeof(report.process) - 1; j++)
			report.process[j] = 1 + random_below(&random, 255);
		text = written_by(write_loop, &entry);
		object = json_loads(text, 0, NULL);
		assert_non_null(object);
		assert_null(strchr(text, '\x1b'));
		assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
		json_decref(object);
		free(text);
	}
}

#define BAD "\xef\xbf\xbd"

static void test_utf8(void **state)
{
	static const struct {
		const char *text, *repaired;
	} cases[] = {
		{"", ""},
		{"plain", "plain"},
		{"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80"},
		{"\xf4\x8f\xbf\xbf", "\xf4\x8f\xbf\xbf"},
		{"\xff", BAD},
		{"\x80"
		 "a",
		 BAD "a"},
		{"\xc3", BAD},
		{"\xc3(", BAD "("},
		{"\xc0\xaf", BAD BAD}, /* longer than it need be */
		{"\xe0\x80\xaf", BAD BAD BAD},
		{"\xed\xa0\x80", BAD BAD BAD},         /* half of a surrogate pair */
		{"\xf4\x90\x80\x80", BAD BAD BAD BAD}, /* above U+10FFFF */
		{"\xe4\xb8", BAD BAD},
		{"\xf0\x9f\x98"
		 "x",
		 BAD BAD BAD "x"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buffer[UTF8_REPAIRED_LEN(16)];

		utf8_repair(buffer, cases[i].text);
		assert_string_equal(buffer, cases[i].repaired);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_loop),       cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_containers), cmocka_unit_test(test_listed),
		cmocka_unit_test(test_summary),    cmocka_unit_test(test_ended),
		cmocka_unit_test(test_digits),     cmocka_unit_test(test_hostile_names),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests_name("view_json", tests, NULL, NULL);
}
