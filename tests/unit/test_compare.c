/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which differences of two loops are more than noise, and how they are told. */
#include "unit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "compare_sides.h"
#include "example_report.h"

static enum compare_verdict verdict(const struct side *before, const struct side *after)
{
	struct comparison comparison = compare_sides(before, after);
	enum compare_verdict verdict = comparison.loops[0].verdict;

	assert_int_equal(comparison.nr, 1);
	comparison_done(&comparison);
	return verdict;
}

static enum compare_change change(const struct side *before, const struct side *after,
				  enum compare_figure figure)
{
	struct comparison comparison = compare_sides(before, after);
	enum compare_change change = comparison.loops[0].figures[figure].change;

	comparison_done(&comparison);
	return change;
}

static void test_lag(void **state)
{
	struct side before = {}, after = {};
	struct loop_report *was = side_add(&before, "a", "a"), *is = side_add(&after, "a", "a");

	(void)state;
	assert_int_equal(verdict(&before, &after), COMPARE_SAME);
	is->lag.p99 = 2.9e6; /* less than half as much again, and than 1 ms */
	assert_int_equal(verdict(&before, &after), COMPARE_SAME);
	is->lag.p99 = 3.1e6;
	assert_int_equal(verdict(&before, &after), COMPARE_SLOWER);
	assert_int_equal(verdict(&after, &before), COMPARE_FASTER);
	was->lag.p99 = 100e6; /* now the relative rule decides */
	is->lag.p99 = 149e6;
	assert_int_equal(verdict(&before, &after), COMPARE_SAME);
	is->lag.p99 = 151e6;
	assert_int_equal(verdict(&before, &after), COMPARE_SLOWER);
	is->iterations = 999;
	assert_int_equal(change(&before, &after, COMPARE_LAG_P99), CHANGE_UNKNOWN);
	assert_int_equal(verdict(&before, &after), COMPARE_SAME);
	is->lag.max = 1e12;
	assert_int_equal(verdict(&before, &after), COMPARE_SAME);
	is->iterations = 19;
	assert_int_equal(verdict(&before, &after), COMPARE_TOO_LITTLE);
}

static void test_stalls(void **state)
{
	struct side before = {}, after = {};
	struct loop_report *was = side_add(&before, "a", "a"), *is = side_add(&after, "a", "a");

	(void)state;
	is->stalls = 9; /* 3 standard errors: chance may have it */
	assert_int_equal(change(&before, &after, COMPARE_STALLS), CHANGE_SAME);
	is->stalls = 10;
	assert_int_equal(change(&before, &after, COMPARE_STALLS), CHANGE_MORE);
	assert_int_equal(verdict(&before, &after), COMPARE_SLOWER);
	was->stalls = 5;
	assert_int_equal(change(&before, &after, COMPARE_STALLS), CHANGE_SAME);
	/* the rate counts, not the number */
	*was = *is;
	was->window_ns *= 10;
	was->stalls = 100;
	assert_int_equal(change(&before, &after, COMPARE_STALLS), CHANGE_SAME);
	/* what is none on one side may be one on the other */
	is->stalls = 500;
	is->blocking_ns = 5 * MS;
	assert_int_equal(change(&before, &after, COMPARE_STALLS), CHANGE_UNKNOWN);
	assert_int_equal(verdict(&before, &after), COMPARE_SAME);
}

static void test_busy(void **state)
{
	struct side before = {}, after = {};
	struct loop_report *is = side_add(&after, "a", "a");

	(void)state;
	side_add(&before, "a", "a");
	is->cause_ns[CAUSE_CPU] = 1190 * MS;
	assert_int_equal(change(&before, &after, COMPARE_BUSY), CHANGE_SAME);
	is->cause_ns[CAUSE_CPU] = 1210 * MS;
	assert_int_equal(change(&before, &after, COMPARE_BUSY), CHANGE_MORE);
	is->busy_square_ns2 = 1e19; /* intervals so uneven that their mean is unsure by 0.1 ms */
	assert_int_equal(change(&before, &after, COMPARE_BUSY), CHANGE_SAME);
}

static void test_parts(void **state)
{
	static struct syscall_names names;
	struct side before = {}, after = {};
	struct loop_report *was = side_add(&before, "a", "a"), *is = side_add(&after, "a", "a");
	struct comparison comparison;
	const struct compared_loop *loop;

	(void)state;
	was->cause_ns[CAUSE_RUNQUEUE] = 500 * MS;
	was->cause_ns[CAUSE_LOCK] = 10 * MS;
	was->nr_syscalls = 1;
	was->syscalls[0] = (struct window_syscall){SYS_futex, 1, 10 * MS};
	is->cause_ns[CAUSE_SYSCALL] = 3000 * MS;
	is->nr_syscalls = 1;
	is->syscalls[0] = (struct window_syscall){555, 10, 3000 * MS};
	/* of another architecture */
	assert_true(syscall_names_set(&names, 555, "fsync"));
	after.entries[0].syscalls = &names;
	comparison = compare_sides(&before, &after);
	loop = &comparison.loops[0];
	assert_int_equal(loop->nr_parts, 4);
	assert_string_equal(loop->parts[0].name, "fsync");
	assert_true(loop->parts[0].is_syscall);
	assert_near(loop->parts[0].after_ns, 3e6, 1);
	assert_string_equal(loop->parts[1].name, "cpu");
	assert_string_equal(loop->parts[2].name, "futex");
	assert_string_equal(loop->parts[3].name, "runqueue");
	assert_near(loop->parts[3].before_ns, 5e5, 1);
	comparison_done(&comparison);
}

static void test_worst_first(void **state)
{
	struct side before = {}, after = {};
	struct comparison comparison;

	(void)state;
	side_add(&before, "same", "same");
	side_add(&before, "worse", "worse");
	side_add(&before, "worst", "worst");
	side_add(&before, "better", "better")->lag.p99 = 50e6;
	side_add(&after, "same", "same");
	side_add(&after, "worse", "worse")->lag.p99 = 20e6;
	side_add(&after, "worst", "worst")->lag.p99 = 40e6;
	side_add(&after, "better", "better");
	comparison = compare_sides(&before, &after);
	assert_string_equal(comparison.loops[0].after->report->process, "worst");
	assert_string_equal(comparison.loops[1].after->report->process, "worse");
	assert_string_equal(comparison.loops[2].after->report->process, "same");
	assert_string_equal(comparison.loops[3].after->report->process, "better");
	assert_int_equal(comparison_count(&comparison, COMPARE_SLOWER), 2);
	comparison_done(&comparison);
}

static void write_text(FILE *out, const void *context)
{
	compare_write_text(out, context, false);
}

static void write_json(FILE *out, const void *context)
{
	assert_int_equal(compare_write_json(out, context), 0);
}

static void assert_json_line(char *line)
{
	json_t *object = json_loads(line, 0, NULL);

	assert_true(json_is_object(object));
	json_decref(object);
}

static void test_views(void **state)
{
	struct side before = {}, after = {};
	struct comparison comparison;
	char *text, *rest;

	(void)state;
	side_add(&before, "\x1b[2J", "a");
	side_add(&after, "\x1b[2J", "a")->cause_ns[CAUSE_CPU] = 3000 * MS;
	side_add(&before, "gone", "gone");
	side_add(&after, "never", "idle")->iterations = 0;
	side_add(&before, "never", "idle")->window_ns = 0;
	before.reports[2].iterations = 0;
	after.reports[0].blocking_ns = 5 * MS;
	comparison = compare_sides(&before, &after);
	text = written_by(write_text, &comparison);
	assert_non_null(strstr(text, "\\x1b[2J  thread a  epoll  100 -> 100: slower\n"));
	assert_non_null(strstr(text, "  busy/iteration       1.00 ms ->   3.00 ms     +200 %  "
				     "+ more\n"));
	assert_non_null(strstr(text, "  cpu                  1.00 ms ->   3.00 ms  +  2.00 ms  "));
	assert_non_null(strstr(text, "  stalls: 0 ms before, 5 ms after: not compared\n"));
	assert_non_null(
		strstr(text, "never  thread idle  epoll  102 -> 101: idle before and after\n"));
	assert_null(strstr(text, " \n"));
	assert_null(strstr(text, "alike"));
	assert_non_null(strstr(text, "only before: gone  thread gone  epoll  101\n"));
	assert_non_null(strstr(text, "1 slower, 0 faster, 0 the same, 1 with too little seen\n"));
	free(text);
	text = written_by(write_json, &comparison);
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		assert_json_line(line);
	free(text);
	comparison_done(&comparison);
}

static void assert_text(const struct comparison *comparison, const char *part)
{
	char *text = written_by(write_text, comparison);

	assert_non_null(strstr(text, part));
	assert_null(strstr(text, " \n"));
	free(text);
}

/* What is said in a line of its own. */
static void test_lines(void **state)
{
	struct side before = {}, after = {};
	struct comparison comparison;

	(void)state;
	for (__u32 i = 1; i <= 2; i++) {
		side_add_thread(&before, i, i, i, i);
		side_add_thread(&after, 10 + i, 10 + i, i, i);
	}
	side_add_thread(&before, 2, 2, 2, 2)->iterations = 30;
	before.reports[0].cause_ns[CAUSE_CPU] = 4000 * MS;
	before.reports[0].cause_ns[CAUSE_RUNQUEUE] = 100 * MS;
	comparison = compare_sides(&before, &after);
	assert_text(&comparison, "\n2 loops alike: paired by order of start\n");
	assert_text(&comparison, "\nended fragments, not compared: 2 (30 iterations, before)\n");
	assert_text(&comparison, "-  3.00 ms  --------------------\n");
	comparison_done(&comparison);
	/* next to nothing on both sides: a line, behind the others; but what is stuck counts */
	before.reports[0].iterations = after.reports[0].iterations = 3;
	comparison = compare_sides(&before, &after);
	assert_text(&comparison, "1 -> 11: too few iterations to tell (3, 3)\n");
	assert_true(comparison.loops[1].brief);
	comparison_done(&comparison);
	after.reports[0].stalls = 1;
	comparison = compare_sides(&before, &after);
	assert_false(comparison.loops[0].brief || comparison.loops[1].brief);
	comparison_done(&comparison);
}

static void test_nothing(void **state)
{
	const struct side none = {};
	struct comparison comparison = compare_sides(&none, &none);

	(void)state;
	assert_int_equal(comparison.nr, 0);
	assert_text(&comparison, "no loop was seen, neither before nor after\n");
	comparison_done(&comparison);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lag),         cmocka_unit_test(test_stalls),
		cmocka_unit_test(test_busy),        cmocka_unit_test(test_parts),
		cmocka_unit_test(test_worst_first), cmocka_unit_test(test_views),
		cmocka_unit_test(test_nothing),     cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
