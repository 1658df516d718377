/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Blocking system calls of a window: open sleeps, the top 16, and what is left. */
#include "model_fixture.h"

#define READ 0
#define FSYNC 74
#define FUTEX 202

static int start_busy(void **state)
{
	int err = fixture_set_up(state);
	struct model_fixture *fixture = *state;

	fake_loop_return(&fixture->loop, 0, 1);
	return err;
}

/* Ends the window with a record, and opens the next one. */
static const struct loop_report *next_window(struct model_fixture *fixture)
{
	fixture_walk(fixture);
	fixture_report_only(fixture);
	model_open_window(fixture->model);
	return &fixture->reports[0];
}

static void assert_syscall(const struct loop_report *report, unsigned int index, int nr,
			   __u32 count, __u64 time_ns)
{
	assert_in_range(report->nr_syscalls, index + 1, REPORT_NR_SYSCALLS);
	assert_int_equal(report->syscalls[index].nr, nr);
	assert_int_equal(report->syscalls[index].count, count);
	assert_int_equal(report->syscalls[index].time_ns, time_ns);
}

static void test_most_time_first(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	fake_loop_sleep(&fixture->loop, FSYNC, CAUSE_SYSCALL, 5 * MS);
	fake_loop_sleep(&fixture->loop, FUTEX, CAUSE_LOCK, 3 * MS);
	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, 3);
	assert_syscall(report, 0, FSYNC, 1, 5 * MS);
	assert_syscall(report, 1, FUTEX, 1, 3 * MS);
	assert_syscall(report, 2, READ, 2, 2 * MS);

	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 4 * MS);
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, 1);
	assert_syscall(report, 0, READ, 1, 4 * MS);
}

static void test_open_sleep(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	fake_loop_doze(&fixture->loop, FSYNC, CAUSE_SYSCALL, 7 * MS);
	report = next_window(fixture);
	assert_int_equal(report->where, CAUSE_SYSCALL);
	assert_int_equal(report->where_syscall, FSYNC);
	assert_syscall(report, 0, FSYNC, 0, 7 * MS);
	assert_syscall(report, 1, READ, 1, 1 * MS);

	fake_loop_doze(&fixture->loop, FSYNC, CAUSE_SYSCALL, 2 * MS);
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, 1);
	assert_syscall(report, 0, FSYNC, 0, 2 * MS);

	fake_loop_sleep(&fixture->loop, FSYNC, CAUSE_SYSCALL, 3 * MS);
	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, 2);
	assert_syscall(report, 0, FSYNC, 1, 3 * MS);
	assert_syscall(report, 1, READ, 1, 1 * MS);
}

/* Woken, not yet running: it waits for a CPU, though what it slept in is not over. */
static void test_open_sleep_of_woken(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fake_loop_doze(&fixture->loop, FSYNC, CAUSE_SYSCALL, 7 * MS);
	fake_loop_spend(&fixture->loop, CAUSE_RUNQUEUE, 1 * MS);
	report = next_window(fixture);
	assert_int_equal(report->where, CAUSE_RUNQUEUE);
	assert_int_equal(report->where_syscall, -1);
	assert_syscall(report, 0, FSYNC, 0, 7 * MS);

	fake_loop_sleep(&fixture->loop, FSYNC, CAUSE_SYSCALL, 0);
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, 1);
	assert_syscall(report, 0, FSYNC, 1, 0);
}

/* The same, where the record does not say what it slept in. */
static void test_open_sleep_of_unknown_place(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fake_loop_doze(&fixture->loop, FSYNC, CAUSE_SYSCALL, 7 * MS);
	fixture->loop.window.syscall_nr = -1;
	fixture->loop.window.cause = CAUSE_RUNQUEUE;
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, 1);
	assert_syscall(report, 0, RECORD_SYSCALL_OTHER, 0, 7 * MS);

	fake_loop_sleep(&fixture->loop, FSYNC, CAUSE_SYSCALL, 0);
	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 2 * MS);
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, 2);
	assert_syscall(report, 0, READ, 1, 2 * MS);
	assert_syscall(report, 1, FSYNC, 1, 0);
}

static void test_top_sixteen(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	for (int nr = 1; nr <= 40; nr++)
		fake_loop_sleep(&fixture->loop, nr, CAUSE_SYSCALL, nr * MS);
	report = next_window(fixture);
	assert_int_equal(report->nr_syscalls, REPORT_NR_SYSCALLS);
	/* the record itself keeps 31, and the last 9 as other */
	for (int i = 0; i < REPORT_NR_SYSCALLS - 1; i++)
		assert_syscall(report, i, 31 - i, 1, (31 - i) * MS);
	assert_syscall(report, REPORT_NR_SYSCALLS - 1, RECORD_SYSCALL_OTHER, 24,
		       (40 * 41 / 2 - 31 * 32 / 2 + 15 * 16 / 2) * MS);
}

static void test_count_wraps_around(void **state)
{
	struct model_fixture *fixture = *state;

	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	fixture->loop.syscalls[0].count = UINT32_MAX - 1;
	next_window(fixture);
	fixture->loop.syscalls[0].count = UINT32_MAX;
	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	fixture->loop.syscalls[0].count = 5;
	assert_syscall(next_window(fixture), 0, READ, 7, 1 * MS);
}

static void test_count_runs_backwards(void **state)
{
	struct model_fixture *fixture = *state;

	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	next_window(fixture);
	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	fixture->loop.syscalls[0].count = 1;
	assert_syscall(next_window(fixture), 0, READ, 0, 1 * MS);
}

/* More time in system calls than in the causes that they belong to. */
static void test_record_at_odds_with_itself(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 1 * MS);
	fixture->loop.syscalls[0].time_ns += 5 * MS;
	assert_syscall(next_window(fixture), 0, READ, 1, 1 * MS);
	fixture->loop.syscalls[0].time_ns -= 5 * MS;
	fake_loop_sleep(&fixture->loop, READ, CAUSE_SYSCALL, 2 * MS);
	report = next_window(fixture);
	assert_syscall(report, 0, READ, 1, 0);
	assert_syscall(report, 1, RECORD_SYSCALL_OTHER, 0, 2 * MS);
}

#define busy_test(test) cmocka_unit_test_setup_teardown(test, start_busy, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest model_syscalls[] = {
		busy_test(test_most_time_first),      busy_test(test_open_sleep),
		busy_test(test_open_sleep_of_woken),  busy_test(test_open_sleep_of_unknown_place),
		busy_test(test_top_sixteen),          busy_test(test_count_wraps_around),
		busy_test(test_count_runs_backwards), busy_test(test_record_at_odds_with_itself),
	};

	return cmocka_run_group_tests(model_syscalls, NULL, NULL);
}
