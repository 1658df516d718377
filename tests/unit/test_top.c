/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `top` without a terminal: rows, order, filter, scrolling, columns that fit, and lines. */
#include "unit.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "commands/top_table.h"
#include "example_report.h"
#include "view/columns.h"
#include "view/lines.h"

#define SCREEN_ROWS 5

static void add(struct top_table *table, __u32 pid, const char *name, double lag_p99,
		double utilization)
{
	struct loop_report report = example_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};

	report.id.pid = report.id.tid = pid;
	snprintf(report.process, sizeof(report.process), "%s", name);
	snprintf(report.thread, sizeof(report.thread), "%s", name);
	report.lag.p99 = lag_p99;
	report.utilization = utilization;
	report.current_busy_ns = 0;
	assert_int_equal(top_table_add(&entry, table), 0);
}

static int fill(void **state)
{
	struct top_table *table = calloc(1, sizeof(*table));

	table->blocking_ns = 50 * MS;
	add(table, 10, "node", 5e6, 0.1);
	add(table, 11, "redis-server", 9e6, 0.2);
	add(table, 12, "nginx", NAN, NAN);
	add(table, 13, "node", 1e6, 0.9);
	top_table_arrange(table);
	*state = table;
	return 0;
}

static int discard(void **state)
{
	top_table_done(*state);
	free(*state);
	return 0;
}

static void press(struct top_table *table, const char *keys)
{
	for (; *keys; keys++)
		assert_true(top_table_key(table, *keys, SCREEN_ROWS));
}

static void assert_pids(const struct top_table *table, const char *expected)
{
	char pids[128] = "";

	for (size_t i = 0; i < table->nr_matching; i++)
		sprintf(pids + strlen(pids), "%s%u", i ? " " : "", table->rows[i].pid);
	assert_string_equal(pids, expected);
}

static void test_order(void **state)
{
	struct top_table *table = *state;

	assert_pids(table, "11 10 13 12");
	press(table, "u");
	assert_pids(table, "13 11 10 12");
	press(table, "p");
	assert_pids(table, "10 11 12 13");
	press(table, "s"); /* round to the first */
	assert_int_equal(table->order, ROW_BY_LAG);
	press(table, "ss");
	assert_int_equal(table->order, ROW_BY_UTILIZATION);
}

/* A loop that has not been seen to wait is as late as it is stuck. */
static void test_unseen_sorts_by_age(void **state)
{
	struct top_table *table = *state;
	struct loop_report report = example_unseen_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};

	assert_int_equal(top_table_add(&entry, table), 0);
	top_table_arrange(table);
	assert_pids(table, "7 11 10 13 12");
	assert_int_equal(table->rows[0].stalled_ns, 2500 * MS);
}

/* Only what has passed the threshold is a stall. */
static void test_stalled(void **state)
{
	struct loop_report report = example_report();
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = NULL};
	struct loop_row row;

	(void)state;
	row_from_entry(&entry, 50 * MS, &row);
	assert_int_equal(row.stalled_ns, 120 * MS);
	row_from_entry(&entry, 121 * MS, &row);
	assert_int_equal(row.stalled_ns, 0);
	assert_near(row.iterations_per_s, 12, 1e-9);
}

static void end_stall(struct past_culprits *past, __u32 pid, __u64 until_ns, const char *function)
{
	struct stack_frame frame = {
		.function = function, .file = "/srv/app.py", .module = "", .line = 7};
	struct stack stack = {.nr_frames = 1, .frames = &frame};
	struct stall_stack one = {&stack, 60 * MS, 60 * MS};
	const struct stall stall = {
		.id = {.pid = pid, .tid = pid},
		.state = STALL_ENDED,
		.start_ns = until_ns - 60 * MS,
		.until_ns = until_ns,
		.nr_stacks = *function ? 1 : 0,
		.stacks = &one,
	};
	const struct loop_entry entry = {.cgroup = "", .stall = &stall};

	past_culprits_take(past, &entry);
}

/* What held it up last stays for a while, and until it stalls again. */
static void test_past_culprits(void **state)
{
	struct top_table *table = *state;
	struct past_culprits past = {};
	struct loop_report report = example_report();
	const struct loop_entry entry = {.report = &report, .cgroup = ""};

	table->past = &past;
	report.id = (struct loop_id){.pid = 7, .tid = 7};
	end_stall(&past, 7, 1000 * MS, "slow");
	end_stall(&past, 8, 2000 * MS, "other");
	end_stall(&past, 7, 3000 * MS, "slower");
	assert_int_equal(top_table_add(&entry, table), 0);
	assert_string_equal(table->rows[table->nr - 1].culprit, ""); /* it stalls: another one */
	report.current_busy_ns = 0;
	assert_int_equal(top_table_add(&entry, table), 0);
	assert_string_equal(table->rows[table->nr - 1].culprit, "slower app.py:7");
	assert_true(table->rows[table->nr - 1].culprit_past);
	past_culprits_advance(&past, 2000 * MS + PAST_CULPRITS_NS + 1);
	assert_null(past_culprits_of(&past, &(struct loop_id){.pid = 8, .tid = 8}));
	assert_non_null(past_culprits_of(&past, &report.id));
	end_stall(&past, 7, 4000 * MS, ""); /* of which nobody knows */
	assert_null(past_culprits_of(&past, &report.id));
	for (__u32 pid = 1; pid < 10000; pid++)
		end_stall(&past, pid, 4000 * MS, "f");
	assert_null(past_culprits_of(&past, &(struct loop_id){.pid = 1, .tid = 1}));
	past_culprits_done(&past);
}

static void test_filter(void **state)
{
	struct top_table *table = *state;

	press(table, "/NODE");
	assert_pids(table, "10 13");
	assert_true(table->filter_open);
	press(table, "q"); /* a letter like any other */
	assert_pids(table, "");
	top_table_key(table, SCREEN_KEY_ERASE, SCREEN_ROWS);
	press(table, "\n");
	assert_false(table->filter_open);
	assert_pids(table, "10 13");
	assert_int_equal(top_table_view(table).nr_hidden, 2);
	press(table, "\x1b");
	assert_pids(table, "11 10 13 12");
	press(table, "/12\n");
	assert_pids(table, "12");
}

static void test_filter_is_bounded(void **state)
{
	struct top_table *table = *state;

	press(table, "/");
	for (int i = 0; i < 1000; i++)
		press(table, "x");
	assert_int_equal(strlen(table->filter), TOP_FILTER_LEN - 1);
	top_table_key(table, SCREEN_KEY_OTHER, SCREEN_ROWS);
	press(table, "\x15\n");
	assert_string_equal(table->filter, "");
	assert_pids(table, "11 10 13 12");
}

static void test_scroll(void **state)
{
	struct top_table *table = *state;

	for (__u32 pid = 20; pid < 28; pid++)
		add(table, pid, "many", 1, 0);
	top_table_arrange(table);
	top_table_key(table, SCREEN_KEY_UP, SCREEN_ROWS);
	assert_int_equal(table->first, 0);
	top_table_key(table, SCREEN_KEY_DOWN, SCREEN_ROWS);
	assert_int_equal(table->first, 1);
	top_table_key(table, SCREEN_KEY_PAGE_DOWN, SCREEN_ROWS);
	top_table_key(table, SCREEN_KEY_PAGE_DOWN, SCREEN_ROWS);
	assert_int_equal(table->first, 12 - SCREEN_ROWS);
	top_table_key(table, SCREEN_KEY_PAGE_UP, SCREEN_ROWS);
	assert_int_equal(table->first, 12 - 2 * SCREEN_ROWS);
	top_table_key(table, SCREEN_KEY_END, SCREEN_ROWS);
	assert_int_equal(table->first, 12 - SCREEN_ROWS);
	top_table_key(table, SCREEN_KEY_HOME, SCREEN_ROWS);
	assert_int_equal(table->first, 0);
}

static void test_pause_and_quit(void **state)
{
	struct top_table *table = *state;

	press(table, " ");
	assert_true(table->paused);
	press(table, " ");
	assert_false(table->paused);
	assert_false(top_table_key(table, 'q', SCREEN_ROWS));
}

static int total_width(const int widths[NR_COLUMNS])
{
	int total = -COLUMN_GAP;

	for (int i = 0; i < NR_COLUMNS; i++) {
		if (widths[i])
			total += widths[i] + COLUMN_GAP;
	}
	return total;
}

static void test_columns_fit(void **state)
{
	int widths[NR_COLUMNS], shown_before = 0;

	(void)state;
	for (int width = 0; width < 400; width++) {
		int shown = 0;

		columns_fit(width, COLUMNS_CONTAINER | COLUMNS_CULPRIT, widths);
		for (int i = 0; i < NR_COLUMNS; i++) {
			shown += widths[i] > 0;
			assert_true(!widths[i] || widths[i] >= columns[i].min);
			assert_true(widths[i] <= columns[i].max);
		}
		assert_true(!shown || total_width(widths) <= width);
		assert_true(shown >= shown_before);
		shown_before = shown;
	}
	assert_int_equal(shown_before, NR_COLUMNS);
}

/* The usual terminal has room for all that matters. */
static void test_columns_of_80(void **state)
{
	int widths[NR_COLUMNS], shown = 0;

	(void)state;
	columns_fit(80, 0, widths);
	for (int i = 0; i < NR_COLUMNS; i++)
		shown += widths[i] > 0;
	assert_int_equal(shown,
			 NR_COLUMNS - 4); /* without runtime, thread number, culprit and pod */
}

static void write_lines(FILE *out, const void *context)
{
	const struct top_table *table = context;

	lines_write_header(out, 0);
	lines_write_rows(out, table->rows, table->nr_matching, 3600 * 13 + 62, false, 0);
}

static void test_lines(void **state)
{
	struct top_table *table = *state;
	char *text;

	press(table, "/redis\n");
	text = written_by(write_lines, table);
	assert_string_equal(
		text,
		"TIME         PID     TID THREAD               RUNTIME  LAG p50     p99     max "
		"UTILIZED ITER/S STALLS  STALLED CAUSES\n"
		"13:01:02      11      11 redis-server         -              0 9.00 ms  120 ms "
		"     20%     12      2        - cpu 49% syscall 49% lock 2%\n");
	free(text);
}

static int use_utc(void **state)
{
	(void)state;
	return setenv("TZ", "UTC", 1) || !setlocale(LC_CTYPE, "C.UTF-8");
}

#define table_test(function) cmocka_unit_test_setup_teardown(function, fill, discard)

static void check_container(const struct entry_container *container, const char *expected)
{
	const struct loop_report report = {};
	const struct loop_entry entry = {
		.report = &report, .runtime = NULL, .cgroup = "", .container = container};
	struct loop_row row;

	row_from_entry(&entry, 50 * MS, &row);
	assert_string_equal(row.container, expected);
	assert_int_equal(columns_wanted(&row, 1), *expected ? COLUMNS_CONTAINER : 0);
	assert_int_equal(row_matches(&row, "web-1"), strstr(expected, "web-1") != NULL);
}

static void test_containers(void **state)
{
	struct entry_container longest;

	(void)state;
	check_container(NULL, "");
	check_container(&(struct entry_container){"0123456789abcdef", "main", "web-1", "shop"},
			"shop/web-1/main");
	check_container(&(struct entry_container){"0123456789abcdef", "", "web-1", "shop"},
			"shop/web-1");
	check_container(&(struct entry_container){"0123456789abcdef", "redis", "", ""}, "redis");
	check_container(&(struct entry_container){"0123456789abcdef", "", "", ""}, "0123456789ab");
	memset(&longest, 'x', sizeof(longest));
	longest.id[64] = longest.name[253] = longest.pod[253] = longest.namespace[253] = '\0';
	check_container(&longest, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
				  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}

static void write_lines_in_pods(FILE *out, const void *context)
{
	const struct top_table *table = context;

	lines_write_header(out, COLUMNS_CONTAINER);
	lines_write_rows(out, table->rows, table->nr_matching, 0, false, COLUMNS_CONTAINER);
}

/* A column more; what would steer the terminal does not come so far. */
static void test_lines_in_pods(void **state)
{
	struct top_table *table = *state;
	char *text;

	strcpy(table->rows[0].container, "shop/web-1/main");
	strcpy(table->rows[1].container, "\x1b[2Jevil\n");
	text = written_by(write_lines_in_pods, table);
	assert_non_null(strstr(text, " STALLED POD                                      CAUSES\n"));
	assert_non_null(strstr(text, " - shop/web-1/main                          cpu 49% "));
	assert_non_null(strstr(text, " - \\x1b[2Jevil\\x0a                          cpu 49% "));
	assert_non_null(strstr(text, " - -                                        cpu 49% "));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		table_test(test_order),
		table_test(test_unseen_sorts_by_age),
		cmocka_unit_test(test_stalled),
		table_test(test_past_culprits),
		table_test(test_filter),
		table_test(test_filter_is_bounded),
		table_test(test_scroll),
		table_test(test_pause_and_quit),
		cmocka_unit_test(test_columns_fit),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_columns_of_80),
		table_test(test_lines),
		table_test(test_lines_in_pods),
	};

	return cmocka_run_group_tests_name("top", tests, use_utc, NULL);
}
