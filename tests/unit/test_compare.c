/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which loops are compared with which, and which differences are more than noise. */
#include "unit.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include "example_report.h"
#include "view/compare.h"

#define MAX_LOOPS 8

/* Loops of one side. */
struct side {
	struct loop_report reports[MAX_LOOPS];
	struct loop_entry entries[MAX_LOOPS];
	const struct loop_entry *pointers[MAX_LOOPS];
	size_t nr;
};

/* A thousand iterations of 1 ms each, in 10 s. */
static struct loop_report *add(struct side *side, const char *process, const char *thread)
{
	struct loop_report *report = &side->reports[side->nr];

	*report = (struct loop_report){
		.id = {.pid = 1, .tid = 100 + side->nr, .start_ns = side->nr},
		.family = WAIT_EPOLL,
		.where_syscall = -1,
		.window_ns = 10000 * MS,
		.poll_ns = 9000 * MS,
		.cause_ns = {[CAUSE_CPU] = 1000 * MS},
		.utilization = 0.1,
		.iterations = 1000,
		.busy = {.count = 1000, .sum = 1000 * MS},
		.busy_square_ns2 = 1000 * 1e12,
		.lag = {.p50 = 0, .p95 = 1e6, .p99 = 2e6, .max = 5e6},
	};
	strcpy(report->process, process);
	strcpy(report->thread, thread);
	side->entries[side->nr] = (struct loop_entry){.report = report, .cgroup = ""};
	side->pointers[side->nr] = &side->entries[side->nr];
	side->nr++;
	return report;
}

static struct comparison compare_of(const struct side *before, const struct side *after,
				    bool same_boot)
{
	struct comparison comparison;

	assert_int_equal(comparison_make(before->pointers, before->nr, after->pointers, after->nr,
					 same_boot, &comparison),
			 0);
	return comparison;
}

static struct comparison compare(const struct side *before, const struct side *after)
{
	return compare_of(before, after, false);
}

/* Threads of the pair in which the loop of before is, or 0 if it is alone. */
static unsigned int partner_of(const struct comparison *comparison, const struct loop_report *of)
{
	for (size_t i = 0; i < comparison->nr; i++) {
		const struct compared_loop *loop = &comparison->loops[i];

		if (loop->before && loop->before->report == of)
			return loop->after ? loop->after->report->id.tid : 0;
	}
	fail_msg("a loop is missing");
	return 0;
}

static void test_matching(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *web = add(&before, "node", "node"),
				 *second = add(&before, "app", "worker-2"),
				 *gone = add(&before, "cron", "cron"),
				 *pool = add(&before, "app", "pool-7"),
				 *first = add(&before, "app", "worker-1");
	struct comparison comparison;
	unsigned int tids[4];

	(void)state;
	tids[0] = add(&after, "app", "worker-1")->id.tid;
	tids[1] = add(&after, "app", "worker-2")->id.tid;
	tids[2] = add(&after, "app", "pool-9")->id.tid;
	tids[3] = add(&after, "node", "node")->id.tid;
	add(&after, "node", "node")->family = WAIT_POLL;
	comparison = compare(&before, &after);
	assert_int_equal(comparison.nr, 6);
	assert_int_equal(partner_of(&comparison, first), tids[0]);
	assert_int_equal(partner_of(&comparison, second), tids[1]);
	assert_int_equal(partner_of(&comparison, pool), tids[2]);
	assert_int_equal(partner_of(&comparison, web), tids[3]);
	assert_int_equal(partner_of(&comparison, gone), 0);
	/* those without a partner come last, of before first */
	assert_null(comparison.loops[4].after);
	assert_null(comparison.loops[5].before);
	comparison_done(&comparison);
}

static struct loop_report *add_thread(struct side *side, __u32 pid, __u32 tid, __u64 start_ns,
				      __u64 process_start_ns)
{
	struct loop_report *report = add(side, "app", "app");

	report->id = (struct loop_id){.pid = pid, .tid = tid, .start_ns = start_ns};
	report->process_start_ns = process_start_ns;
	return report;
}

/* How many pairs have nothing but order to tell them apart. */
static size_t nr_by_order(const struct comparison *comparison)
{
	size_t nr = 0;

	for (size_t i = 0; i < comparison->nr; i++)
		nr += comparison->loops[i].by_order;
	return nr;
}

/* Of three alike, the first has ended between the recordings. */
static void test_same_boot(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *first = add_thread(&before, 7, 7, 1, 1),
				 *second = add_thread(&before, 8, 8, 2, 2),
				 *third = add_thread(&before, 9, 9, 3, 3);
	struct comparison comparison;

	(void)state;
	add_thread(&after, 8, 8, 2, 2);
	add_thread(&after, 9, 9, 3, 3);
	comparison = compare_of(&before, &after, true);
	assert_int_equal(partner_of(&comparison, first), 0);
	assert_int_equal(partner_of(&comparison, second), 8);
	assert_int_equal(partner_of(&comparison, third), 9);
	assert_int_equal(nr_by_order(&comparison), 0);
	comparison_done(&comparison);
	/* of another boot, the same numbers mean nothing */
	comparison = compare_of(&before, &after, false);
	assert_int_equal(partner_of(&comparison, first), 8);
	assert_int_equal(nr_by_order(&comparison), 2);
	comparison_done(&comparison);
	/* a pid that is used again is another process, and one alone is not alike to any */
	first = add_thread(&before, 10, 10, 4, 4);
	add_thread(&after, 10, 10, 5, 5);
	comparison = compare_of(&before, &after, true);
	assert_int_equal(partner_of(&comparison, second), 8);
	assert_int_equal(partner_of(&comparison, before.reports), 10);
	assert_int_equal(partner_of(&comparison, first), 0);
	assert_int_equal(nr_by_order(&comparison), 1);
	comparison_done(&comparison);
}

/* A worker that started before its process's main thread had a loop, and one of another library. */
static void test_roles(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *worker = add_thread(&before, 7, 8, 1, 1),
				 *main_thread = add_thread(&before, 7, 7, 2, 1), *moved;
	struct comparison comparison;

	(void)state;
	add_thread(&after, 17, 17, 1, 1);
	add_thread(&after, 17, 18, 2, 1);
	comparison = compare(&before, &after);
	assert_int_equal(partner_of(&comparison, worker), 18);
	assert_int_equal(partner_of(&comparison, main_thread), 17);
	assert_int_equal(nr_by_order(&comparison), 0);
	comparison_done(&comparison);
	/* a loop that has moved to a worker is still told of */
	before = after = (struct side){};
	moved = add_thread(&before, 7, 7, 1, 1);
	add_thread(&after, 17, 18, 1, 1);
	comparison = compare(&before, &after);
	assert_int_equal(partner_of(&comparison, moved), 18);
	comparison_done(&comparison);
	after.entries[0].loop_library = "uvloop";
	comparison = compare(&before, &after);
	assert_int_equal(partner_of(&comparison, moved), 0);
	comparison_done(&comparison);
}

/* The loop of a thread began anew twice; most of what it did is in the second. */
static void test_fragments(void **state)
{
	struct side before = {}, after = {};
	const struct loop_report *whole;
	struct comparison comparison;

	(void)state;
	add_thread(&before, 7, 7, 1, 1)->iterations = 30;
	whole = add_thread(&before, 7, 7, 1, 1);
	add_thread(&before, 7, 7, 1, 1)->iterations = 40;
	for (__u32 i = 0; i < 3; i++)
		before.reports[i].id.changes = i;
	add_thread(&after, 17, 17, 1, 1);
	comparison = compare(&before, &after);
	assert_int_equal(comparison.nr, 3);
	assert_int_equal(partner_of(&comparison, whole), 17);
	assert_int_equal(nr_by_order(&comparison), 0);
	assert_false(comparison.loops[0].fragment);
	assert_true(comparison.loops[1].fragment && comparison.loops[2].fragment);
	comparison_done(&comparison);
}

/* Whether two loops in such places are one. */
static bool are_one(const char *cgroup, const char *other_cgroup,
		    const struct entry_container *container, const struct entry_container *other)
{
	struct side before = {}, after = {};
	struct comparison comparison;
	bool one;

	add(&before, "a", "a");
	add(&after, "a", "a");
	before.entries[0].cgroup = cgroup;
	before.entries[0].container = container;
	after.entries[0].cgroup = other_cgroup;
	after.entries[0].container = other;
	comparison = compare(&before, &after);
	one = comparison.nr == 1;
	comparison_done(&comparison);
	return one;
}

static void test_places(void **state)
{
	const struct entry_container old = {"c0ffee", "main", "web-7d4b9c6f5-x2x4z", "shop"},
				     new = {"decade", "main", "web-86bd5c4dd-k7f9w", "shop"},
				     other = {"decade", "main", "api-86bd5c4dd-k7f9w", "shop"},
				     set = {"c0ffee", "main", "web-0", "shop"},
				     set_1 = {"c0ffee", "main", "web-1", "shop"},
				     bare = {"c0ffee", "redis", "", ""},
				     bare_again = {"decade", "redis", "", ""};

	(void)state;
	assert_true(are_one("/system.slice/a.service", "/system.slice/a.service/x", NULL, NULL));
	assert_false(are_one("/system.slice/a.service", "/system.slice/b.service", NULL, NULL));
	assert_true(
		are_one("/user.slice/session-1.scope", "/user.slice/session-9.scope", NULL, NULL));
	assert_true(are_one("/x", "/y", &old, &new));
	assert_false(are_one("/x", "/y", &old, &other));
	assert_false(are_one("/x", "/y", &set, &set_1));
	assert_true(are_one("/x", "/y", &bare, &bare_again));
	assert_false(are_one("/x", "/y", &bare, NULL));
}

static enum compare_verdict verdict(const struct side *before, const struct side *after)
{
	struct comparison comparison = compare(before, after);
	enum compare_verdict verdict = comparison.loops[0].verdict;

	assert_int_equal(comparison.nr, 1);
	comparison_done(&comparison);
	return verdict;
}

static enum compare_change change(const struct side *before, const struct side *after,
				  enum compare_figure figure)
{
	struct comparison comparison = compare(before, after);
	enum compare_change change = comparison.loops[0].figures[figure].change;

	comparison_done(&comparison);
	return change;
}

static void test_lag(void **state)
{
	struct side before = {}, after = {};
	struct loop_report *was = add(&before, "a", "a"), *is = add(&after, "a", "a");

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
	struct loop_report *was = add(&before, "a", "a"), *is = add(&after, "a", "a");

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
	struct loop_report *is = add(&after, "a", "a");

	(void)state;
	add(&before, "a", "a");
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
	struct loop_report *was = add(&before, "a", "a"), *is = add(&after, "a", "a");
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
	comparison = compare(&before, &after);
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
	add(&before, "same", "same");
	add(&before, "worse", "worse");
	add(&before, "worst", "worst");
	add(&before, "better", "better")->lag.p99 = 50e6;
	add(&after, "same", "same");
	add(&after, "worse", "worse")->lag.p99 = 20e6;
	add(&after, "worst", "worst")->lag.p99 = 40e6;
	add(&after, "better", "better");
	comparison = compare(&before, &after);
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
	add(&before, "\x1b[2J", "a");
	add(&after, "\x1b[2J", "a")->cause_ns[CAUSE_CPU] = 3000 * MS;
	add(&before, "gone", "gone");
	add(&after, "never", "idle")->iterations = 0;
	add(&before, "never", "idle")->window_ns = 0;
	before.reports[2].iterations = 0;
	after.reports[0].blocking_ns = 5 * MS;
	comparison = compare(&before, &after);
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
		add_thread(&before, i, i, i, i);
		add_thread(&after, 10 + i, 10 + i, i, i);
	}
	add_thread(&before, 2, 2, 2, 2)->iterations = 30;
	before.reports[0].cause_ns[CAUSE_CPU] = 4000 * MS;
	before.reports[0].cause_ns[CAUSE_RUNQUEUE] = 100 * MS;
	comparison = compare(&before, &after);
	assert_text(&comparison, "\n2 loops alike: paired by order of start\n");
	assert_text(&comparison, "\nended fragments, not compared: 2 (30 iterations, before)\n");
	assert_text(&comparison, "-  3.00 ms  --------------------\n");
	comparison_done(&comparison);
	/* next to nothing on both sides: a line, behind the others; but what is stuck counts */
	before.reports[0].iterations = after.reports[0].iterations = 3;
	comparison = compare(&before, &after);
	assert_text(&comparison, "1 -> 11: too few iterations to tell (3, 3)\n");
	assert_true(comparison.loops[1].brief);
	comparison_done(&comparison);
	after.reports[0].stalls = 1;
	comparison = compare(&before, &after);
	assert_false(comparison.loops[0].brief || comparison.loops[1].brief);
	comparison_done(&comparison);
}

static void test_nothing(void **state)
{
	const struct side none = {};
	struct comparison comparison = compare(&none, &none);

	(void)state;
	assert_int_equal(comparison.nr, 0);
	assert_text(&comparison, "no loop was seen, neither before nor after\n");
	comparison_done(&comparison);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matching),    cmocka_unit_test(test_places),
		cmocka_unit_test(test_lag),         cmocka_unit_test(test_stalls),
		cmocka_unit_test(test_busy),        cmocka_unit_test(test_parts),
		cmocka_unit_test(test_worst_first), cmocka_unit_test(test_views),
		cmocka_unit_test(test_nothing),     cmocka_unit_test(test_same_boot),
		cmocka_unit_test(test_roles),       cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
