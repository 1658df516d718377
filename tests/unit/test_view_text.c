/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text of a report, byte for byte; figures, bars, and names that would steer a terminal. */
#include "unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "example_report.h"
#include "view/bars.h"
#include "view/format.h"
#include "view/histogram_rows.h"
#include "view/listing.h"
#include "view/terminal_text.h"
#include "view/text.h"

static const struct text_options ascii = {.blocking_ns = 50 * MS};

static void write_ascii(FILE *out, const void *entry)
{
	text_write_loop(out, entry, &ascii);
}

static void write_unicode(FILE *out, const void *entry)
{
	const struct text_options options = {.unicode = true, .blocking_ns = 50 * MS};

	text_write_loop(out, entry, &options);
}

static void write_listing(FILE *out, const void *entry)
{
	listing_write_header(out);
	listing_write_loop(out, entry, 3700e9, false);
}

static void write_losses(FILE *out, const void *summary)
{
	text_write_losses(out, summary);
}

static void assert_written(void (*write)(FILE *out, const void *context), const void *context,
			   const char *expected)
{
	char *text = written_by(write, context);

	assert_string_equal(text, expected);
	free(text);
}

static void test_report(void **state)
{
	const struct loop_report report = example_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = "redis", .cgroup = "", .container = NULL};

	(void)state;
	assert_written(
		write_ascii, &entry,
		"redis-server  pid 4242  thread main (4243)  redis  epoll  watched for 1.00 s\n"
		"  now         busy for 120 ms: blocked in fsync\n"
		"  utilization ########               41.0 %   12 iterations/s, 1.5 events each\n"
		"  lag         p50 0          p95 80.0 ms    p99 112 ms     max 120 ms\n"
		"  busy        p50 200 us     p95 110 ms     p99 119 ms     max 120 ms\n"
		"  wake delay  p50 50.0 us    p95 300 us     p99 400 us     max 410 us\n"
		"              10 wake-ups; runqueue 750 us, cpu_quota 250 us in all\n"
		"  stalls      2 of 50.0 ms or more\n"
		"\n"
		"                      lag (share of arrivals)        busy intervals\n"
		"  <= 977 ns           ####################   75.0 %                       0\n"
		"  977 ns - 3.91 us                            0.0 %                       0\n"
		"  3.91 us - 15.6 us                           0.0 %                       0\n"
		"  15.6 us - 62.5 us                           0.0 %                       0\n"
		"  62.5 us - 250 us    .                       0.1 %  #################### 10\n"
		"  250 us - 1.00 ms                            0.0 %                       0\n"
		"  1.00 ms - 4.00 ms                           0.0 %                       0\n"
		"  4.00 ms - 16.0 ms                           0.0 %                       0\n"
		"  16.0 ms - 64.0 ms   #######                24.9 %  ######               3\n"
		"\n"
		"  what the busy time went on\n"
		"  cpu         ##########             48.8 %    200 ms\n"
		"  syscall     ##########             48.8 %    200 ms\n"
		"  lock        .                       2.4 %   10.0 ms\n"
		"\n"
		"  blocked in\n"
		"  fsync                  190 ms  in 2 sleeps of 95.0 ms\n"
		"  futex                 10.0 ms  in 40 sleeps of 250 us\n"
		"  sys_9999              10.0 ms  in 1 sleep of 10.0 ms\n");
}

static void test_unseen(void **state)
{
	const struct loop_report report = example_unseen_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};

	(void)state;
	assert_written(write_ascii, &entry,
		       "stuck  pid 7  thread stuck (7)  epoll  not seen to wait\n"
		       "  unseen      has not come back to its wait call for 2.50 s or more: "
		       "on the CPU\n");
	assert_written(
		write_listing, &entry,
		"     PID       TID  PROCESS           THREAD            RUNTIME                 "
		"WAITS    SINCE\n"
		"       7         7  stuck             stuck             -                       "
		"epoll    61m40s ago"
		"; not seen to wait: on the CPU\n");
}

static void test_runtime(void **state)
{
	const struct loop_report report = example_unseen_report();
	struct loop_entry entry = {.report = &report,
				   .cgroup = "",
				   .runtime = "python",
				   .runtime_version = "3.11.2",
				   .loop_library = "uvloop",
				   .loop_library_version = NULL,
				   .no_loop = "it is none"};
	static const char header[] =
		"     PID       TID  PROCESS           THREAD            RUNTIME                 "
		"WAITS    SINCE\n";
	char expected[400];

	(void)state;
	snprintf(expected, sizeof(expected),
		 "%s       7         7  stuck             stuck             %s"
		 "epoll    61m40s ago; not seen to wait: on the CPU; no loop: it is none\n",
		 header, "python 3.11.2, uvloop   ");
	assert_written(write_listing, &entry, expected);
	entry.runtime = entry.loop_library = "libuv";
	entry.runtime_version = entry.no_loop = NULL;
	snprintf(expected, sizeof(expected),
		 "%s       7         7  stuck             stuck             %s"
		 "epoll    61m40s ago; not seen to wait: on the CPU\n",
		 header, "libuv                   ");
	assert_written(write_listing, &entry, expected);
}

static void test_container(void **state)
{
	static const struct entry_container in_pod = {"c0ffee", "main", "web-1", "shop"},
					    alone = {"c0ffee", "\x1b[2J", "", ""},
					    bare = {.id = "c0ffee"};
	const struct loop_report report = example_unseen_report();
	struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = &in_pod};
	char *text = written_by(write_ascii, &entry);

	(void)state;
	assert_non_null(strstr(text, "\n  pod         shop/web-1\n  container   main  c0ffee\n"));
	free(text);
	text = written_by(write_listing, &entry);
	assert_non_null(strstr(text, "on the CPU; pod shop/web-1; container main\n"));
	free(text);
	entry.container = &alone;
	text = written_by(write_ascii, &entry);
	assert_non_null(strstr(text, "to wait\n  container   \\x1b[2J  c0ffee\n"));
	free(text);
	text = written_by(write_listing, &entry);
	assert_non_null(strstr(text, "on the CPU; container \\x1b[2J\n"));
	free(text);
	entry.container = &bare;
	text = written_by(write_ascii, &entry);
	assert_non_null(strstr(text, "to wait\n  container   c0ffee\n"));
	free(text);
	text = written_by(write_listing, &entry);
	assert_non_null(strstr(text, "on the CPU; container c0ffee\n"));
	free(text);
}

/* Blocks where the terminal has them, and the same width. */
static void test_unicode(void **state)
{
	const struct loop_report report = example_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};
	char *text = written_by(write_unicode, &entry);

	(void)state;
	assert_non_null(strstr(text, " ████████▎              41.0 %"));
	assert_non_null(strstr(text, "\n  62.5 µs – 250 µs    ▏            "));
	assert_non_null(strstr(text, "           0.1 %  ███████"));
	assert_non_null(strstr(text, "\n  ≤ 977 ns            ███"));
	free(text);
}

static void test_losses(void **state)
{
	const struct summary none = {.loops = 1}, some = {.records_lost = 2, .misses = 3};
	const struct summary held = {.stalls_held = 4, .stacks_held = 5};
	const struct summary one = {.records_lost = 1, .misses = 1};

	(void)state;
	assert_written(write_losses, &none, "");
	assert_written(write_losses, &some,
		       "note: 2 records lost: a maximum may be missing\n"
		       "note: 3 events missed: as many waits may be charged to another cause\n");
	assert_written(
		write_losses, &held,
		"note: 4 stalls held back: of a loop 60 a minute are told one by one, and all of "
		"1 s or more; stat counts and times them all\n"
		"note: 5 stacks of stalls not taken: too many of a loop in a minute, or at once\n");
	assert_written(write_losses, &one,
		       "note: 1 record lost: a maximum may be missing\n"
		       "note: 1 event missed: as many waits may be charged to another cause\n");
}

static void test_durations(void **state)
{
	static const struct {
		double ns;
		const char *text;
	} cases[] = {
		{0, "0"},           {0.4, "0"},          {1, "1 ns"},        {999.4, "999 ns"},
		{999.6, "1.00 us"}, {9994, "9.99 us"},   {9996, "10.0 us"},  {99960, "100 us"},
		{999400, "999 us"}, {999600, "1.00 ms"}, {1.5e6, "1.50 ms"}, {5e8, "500 ms"},
		{1e9, "1.00 s"},    {119e9, "119 s"},    {120e9, "2m00s"},   {7199e9, "119m59s"},
		{7200e9, "2h00m"},  {180e12, "2d02h"},   {NAN, "-"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buffer[FORMAT_LEN];

		assert_string_equal(format_duration(buffer, cases[i].ns, false), cases[i].text);
	}
}

static void test_counts(void **state)
{
	static const struct {
		double count;
		const char *text;
	} cases[] = {
		{0, "0"},         {9999, "9999"},    {9999.6, "10.0k"}, {12345, "12.3k"},
		{999499, "999k"}, {999600, "1.00M"}, {1.5e9, "1.50G"},  {NAN, "-"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buffer[FORMAT_LEN];

		assert_string_equal(format_count(buffer, cases[i].count), cases[i].text);
	}
}

static void test_bars(void **state)
{
	char bar[BAR_LEN];

	(void)state;
	assert_string_equal(bar_draw(bar, 0, 4, false), "    ");
	assert_string_equal(bar_draw(bar, 0.01, 4, false), ".   ");
	assert_string_equal(bar_draw(bar, 0.5, 4, false), "##  ");
	assert_string_equal(bar_draw(bar, 7, 4, false), "####");
	assert_string_equal(bar_draw(bar, -1, 4, false), "    ");
	assert_string_equal(bar_draw(bar, NAN, 4, false), "    ");
	assert_string_equal(bar_draw(bar, 0.5, 3, true), "█▌ ");
	assert_string_equal(bar_draw(bar, 0.001, 3, true), "▏  ");
	assert_string_equal(bar_draw(bar, 1, 3, true), "███");
	assert_int_equal(strlen(bar_draw(bar, 1, 1000, true)), BAR_LEN - 1);
}

static void test_stack(void **state)
{
	const double parts[] = {1, 1, 1, 0}, none[4] = {0}, uneven[] = {0.98, 0.01, 0.01, 0};
	int cells[4];

	(void)state;
	bar_stack(parts, 4, 10, cells);
	assert_int_equal(cells[0] + cells[1] + cells[2], 10);
	assert_true(cells[0] >= 3 && cells[1] >= 3 && cells[2] >= 3 && !cells[3]);
	bar_stack(none, 4, 10, cells);
	assert_int_equal(cells[0] + cells[1] + cells[2] + cells[3], 0);
	bar_stack(uneven, 4, 10, cells);
	assert_int_equal(cells[0], 10);
}

static void test_histogram_rows(void **state)
{
	double weight[HISTOGRAM_NR_BUCKETS], rows[HISTOGRAM_NR_ROWS];

	(void)state;
	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		weight[i] = 1;
	histogram_rows(weight, rows);
	assert_near(rows[0], 1, 0);
	assert_near(rows[1], HISTOGRAM_ROW_BUCKETS, 0);
	assert_near(rows[HISTOGRAM_NR_ROWS - 2], HISTOGRAM_ROW_BUCKETS, 0);
	assert_near(rows[HISTOGRAM_NR_ROWS - 1], 1, 0);
	assert_near(histogram_row_upper_ns(0), 1e6 / 1024, 1e-9);
	assert_near(histogram_row_upper_ns(5), 1e6, 1e-9);
	assert_true(isinf(histogram_row_upper_ns(HISTOGRAM_NR_ROWS - 1)));
}

static void test_escape(void **state)
{
	static const struct {
		const char *text, *escaped;
	} cases[] = {
		{"plain", "plain"},
		{"a\x1b[31m", "a\\x1b[31m"},
		{"a\nb\r", "a\\x0ab\\x0d"},
		{"\x7f", "\\x7f"},
		{"\xff", "\\xff"},
		{"é中", "é中"},
		{"\xc2\x9b", "\\xc2\\x9b"},          /* CSI, in one character */
		{"\xe2\x80\xae", "\\xe2\\x80\\xae"}, /* right to left from here */
		{"e\xcc\x81", "e\\xcc\\x81"},        /* an accent by itself */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buffer[TERMINAL_COMM_LEN];

		assert_string_equal(terminal_escape(buffer, sizeof(buffer), cases[i].text),
				    cases[i].escaped);
	}
}

static void test_widths(void **state)
{
	char text[] = "é中a", small[6];

	(void)state;
	assert_int_equal(terminal_width(text), 4);
	assert_int_equal(terminal_cut(text, 2), 1);
	assert_string_equal(text, "é");
	/* never half an escape */
	assert_string_equal(terminal_escape(small, sizeof(small), "ab\x1b"), "ab");
}

static void test_shortened(void **state)
{
	static const struct {
		const char *text;
		int columns;
		bool unicode;
		const char *expected;
	} cases[] = {
		{"handle app.py:42", 16, true, "handle app.py:42"},
		{"handle app.py:42", 15, true, "hand… app.py:42"},
		{"handle app.py:42", 15, false, "ha... app.py:42"},
		{"handle app.py:42", 11, true, "… app.py:42"},
		{"handle app.py:42", 9, true, "…pp.py:42"},
		{"中中中 中.py:42", 12, true, "中… 中.py:42"},
		{"libc.so.6+0x5678", 10, true, "libc.so.6…"},
		{"handle app.py:42", 1, true, "…"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char buffer[32];

		assert_string_equal(terminal_shorten(buffer, sizeof(buffer), cases[i].text,
						     cases[i].columns, cases[i].unicode),
				    cases[i].expected);
	}
}

static int use_utf8(void **state)
{
	(void)state;
	return !setlocale(LC_CTYPE, "C.UTF-8");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_report),         cmocka_unit_test(test_unseen),
		cmocka_unit_test(test_runtime),        cmocka_unit_test(test_container),
		cmocka_unit_test(test_unicode),        cmocka_unit_test(test_losses),
		cmocka_unit_test(test_durations),      cmocka_unit_test(test_counts),
		cmocka_unit_test(test_bars),           cmocka_unit_test(test_stack),
		cmocka_unit_test(test_histogram_rows), cmocka_unit_test(test_escape),
		cmocka_unit_test(test_widths),         cmocka_unit_test(test_shortened),
	};

	return cmocka_run_group_tests_name("view_text", tests, use_utf8, NULL);
}
