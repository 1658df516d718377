/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Windows: what a report counts, and where it puts what it counts. */
#include "model_fixture.h"

static void test_since_first_seen(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	model_open_window(fixture->model);
	fixture_iterate(&fixture->loop, 90 * MS, 10 * MS, 3);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->id.tid, 1);
	assert_string_equal(report->thread, "loop-1");
	assert_string_equal(report->process, "server");
	assert_int_equal(report->family, WAIT_EPOLL);
	assert_int_equal(report->state, REPORT_POLL);
	assert_int_equal(report->first_seen_ns, 1000 * MS);
	assert_int_equal(report->window_ns, 100 * MS);
	assert_int_equal(report->poll_ns, 90 * MS);
	assert_int_equal(report->cause_ns[CAUSE_CPU], 10 * MS);
	assert_near(report->utilization, 0.1, 1e-12);
	assert_int_equal(report->iterations, 1);
	assert_int_equal(report->events, 3);
	assert_int_equal(report->busy.count, 1);
	assert_int_equal(report->busy.sum, 10 * MS);
	assert_near(report->busy.max, 10e6, 0);
	assert_int_equal(report->poll.count, 1);
	assert_near(report->poll.max, 90e6, 0);
	assert_int_equal(report->wake.count, 1);
	assert_near(report->wake.max, 30e3, 0);
	assert_int_equal(report->wake_runqueue_ns, 30 * US);
	assert_int_equal(report->batch.count, 1);
	assert_near(report->batch.max, 3, 0);
	assert_near(report->lag.max, 10e6, 0);
}

static void test_window_is_a_difference(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	for (int i = 0; i < 5; i++)
		fixture_iterate(&fixture->loop, 10 * MS, 40 * MS, 2);
	fixture_walk(fixture);
	model_open_window(fixture->model);
	fixture_iterate(&fixture->loop, 1 * MS, 2 * MS, 1);
	fixture_walk(fixture);
	fixture_iterate(&fixture->loop, 7 * MS, 5 * MS, 1);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->window_ns, 15 * MS);
	assert_int_equal(report->poll_ns, 8 * MS);
	assert_int_equal(report->iterations, 2);
	assert_int_equal(report->events, 2);
	assert_int_equal(report->busy.count, 2);
	assert_int_equal(report->busy.sum, 7 * MS);
	assert_near(report->busy.max, 5e6, 0);
	assert_near(report->poll.max, 7e6, 0);
}

/* The greatest is in the window's first record, which the last one knows nothing of. */
static void test_maxima_of_every_record(void **state)
{
	struct model_fixture *fixture = *state;

	fixture_walk(fixture);
	model_open_window(fixture->model);
	fixture_iterate(&fixture->loop, 1 * MS, 10500 * US, 1);
	fixture_iterate(&fixture->loop, 1 * MS, 10400 * US, 1);
	fixture_walk(fixture);
	fixture_iterate(&fixture->loop, 1 * MS, 10100 * US, 1);
	fixture_walk(fixture);
	assert_near(fixture_report_only(fixture)->busy.max, 10500e3, 0);
	model_open_window(fixture->model);
	fixture_iterate(&fixture->loop, 1 * MS, 10100 * US, 1);
	fixture_walk(fixture);
	assert_near(fixture_report_only(fixture)->busy.max, 10100e3, 0);
}

static void test_open_busy_interval(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fake_loop_pass(&fixture->loop, 10 * MS);
	fake_loop_return(&fixture->loop, 0, 1);
	fake_loop_pass(&fixture->loop, 30 * MS);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->state, REPORT_BUSY);
	assert_int_equal(report->where, CAUSE_CPU);
	assert_int_equal(report->where_syscall, -1);
	assert_int_equal(report->current_busy_ns, 30 * MS);
	assert_int_equal(report->busy.count, 1);
	assert_int_equal(report->busy.sum, 30 * MS);
	assert_near(report->busy.max, 30e6, 0);
	assert_near(report->lag.max, 30e6, 0);
	assert_int_equal(report->stalls, 0);

	/* in the next window at full length too, though only 25 ms of it are that window's */
	model_open_window(fixture->model);
	fake_loop_pass(&fixture->loop, 25 * MS);
	fake_loop_enter(&fixture->loop);
	fake_loop_pass(&fixture->loop, 5 * MS);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->state, REPORT_POLL);
	assert_int_equal(report->current_busy_ns, 0);
	assert_int_equal(report->busy.count, 1);
	assert_int_equal(report->busy.sum, 55 * MS);
	assert_int_equal(report->cause_ns[CAUSE_CPU], 25 * MS);
	assert_int_equal(report->window_ns, 30 * MS);
	assert_int_equal(report->stalls, 1);
}

static int check_ended(const struct loop_report *report, void *context)
{
	const struct loop_report *expected = context;

	assert_int_equal(report->busy.count, expected->busy.count);
	assert_int_equal(report->busy.sum, expected->busy.sum);
	assert_int_equal(report->current_busy_ns, expected->current_busy_ns);
	assert_int_equal(report->cause_ns[CAUSE_CPU], expected->cause_ns[CAUSE_CPU]);
	assert_int_equal(report->stalls_ended[CAUSE_CPU], expected->stalls_ended[CAUSE_CPU]);
	assert_near(report->busy_square_ns2, expected->busy_square_ns2, 1e11);
	assert_int_equal(report->blocking_ns, FAKE_LOOP_BLOCKING_NS);
	return 0;
}

/* Without the open interval: it counts whole where it ends, its time where it was spent. */
static void test_open_left_out(void **state)
{
	struct model_fixture *fixture = *state;
	struct loop_report expected = {.current_busy_ns = 60 * MS, .cause_ns[CAUSE_CPU] = 60 * MS};

	fixture_walk(fixture);
	model_open_window(fixture->model);
	fake_loop_return(&fixture->loop, 0, 1);
	fake_loop_pass(&fixture->loop, 60 * MS);
	fixture_walk(fixture);
	assert_int_equal(model_report_ended(fixture->model, check_ended, &expected), 0);
	assert_int_equal(fixture_report_only(fixture)->busy.count, 1);
	assert_int_equal(fixture_report_only(fixture)->stalls, 1);

	model_open_window(fixture->model);
	fake_loop_pass(&fixture->loop, 10 * MS);
	fake_loop_enter(&fixture->loop);
	fixture_walk(fixture);
	expected = (struct loop_report){
		.busy = {.count = 1, .sum = 70 * MS},
		.cause_ns[CAUSE_CPU] = 10 * MS,
		.stalls_ended[CAUSE_CPU] = 1,
		.busy_square_ns2 = 70e6 * 70e6,
	};
	assert_int_equal(model_report_ended(fixture->model, check_ended, &expected), 0);
}

/* Counted in the window in which it crosses the threshold, once. */
static void test_stall_across_windows(void **state)
{
	struct model_fixture *fixture = *state;
	static const struct {
		__u64 busy_ns;
		unsigned int stalls;
	} windows[] = {{49 * MS, 0}, {1 * MS, 1}, {1 * MS, 0}, {900 * MS, 0}};

	fake_loop_return(&fixture->loop, 0, 1);
	for (size_t i = 0; i < ARRAY_SIZE(windows); i++) {
		fake_loop_pass(&fixture->loop, windows[i].busy_ns);
		fixture_walk(fixture);
		assert_int_equal(fixture_report_only(fixture)->stalls, windows[i].stalls);
		model_open_window(fixture->model);
	}
	fake_loop_enter(&fixture->loop);
	fixture_iterate(&fixture->loop, 1 * MS, 50 * MS, 1);
	fixture_iterate(&fixture->loop, 1 * MS, 49 * MS, 1);
	fixture_walk(fixture);
	assert_int_equal(fixture_report_only(fixture)->stalls, 1);
}

static void test_only_polls(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fake_loop_pass(&fixture->loop, 1000 * MS);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_near(report->utilization, 0, 0);
	assert_int_equal(report->busy.count, 0);
	assert_nan(report->busy.p99);
	assert_near(report->lag.total_ns, 1000e6, 0);
	assert_near(report->lag.time_ns[0], 1000e6, 0);
	assert_near(report->lag.p99, 0, 0);
}

static void test_unchanged_keeps_the_buckets(void **state)
{
	struct model_fixture *fixture = *state;
	unsigned char record[WINDOW_MAX_SIZE];
	const struct loop_report *report;
	size_t size;

	fixture_iterate(&fixture->loop, 10 * MS, 10 * MS, 1);
	fixture_walk(fixture);
	fake_loop_pass(&fixture->loop, 80 * MS);
	size = fake_loop_record_unchanged(&fixture->loop, record);
	assert_int_equal(model_apply(fixture->model, record, size), 0);
	report = fixture_report_only(fixture);
	assert_int_equal(report->window_ns, 100 * MS);
	assert_int_equal(report->busy.count, 1);
	assert_near(report->busy.max, 10e6, 0);

	model_open_window(fixture->model);
	fake_loop_pass(&fixture->loop, 80 * MS);
	size = fake_loop_record_unchanged(&fixture->loop, record);
	assert_int_equal(model_apply(fixture->model, record, size), 0);
	assert_int_equal(fixture_report_only(fixture)->busy.count, 0);

	model_open_window(fixture->model);
	fixture_iterate(&fixture->loop, 10 * MS, 20 * MS, 1);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->busy.count, 1);
	assert_int_equal(report->busy.sum, 20 * MS);
}

/* An estimate gave 3 ms to the run queue that were the quota's; and 1 ms of work was poll. */
static void test_time_never_runs_backwards(void **state)
{
	struct model_fixture *fixture = *state;
	struct loop_window *window = &fixture->loop.window;
	const struct loop_report *report;

	fake_loop_return(&fixture->loop, 0, 1);
	fake_loop_spend(&fixture->loop, CAUSE_CPU, 10 * MS);
	fake_loop_spend(&fixture->loop, CAUSE_RUNQUEUE, 10 * MS);
	window->wake_runqueue_ns = 5 * MS;
	fixture_walk(fixture);
	model_open_window(fixture->model);
	window->cause_ns[CAUSE_RUNQUEUE] -= 3 * MS;
	window->cause_ns[CAUSE_CPU_QUOTA] += 3 * MS;
	window->cause_ns[CAUSE_CPU] -= 1 * MS;
	window->poll_ns += 1 * MS;
	window->wake_runqueue_ns -= 2 * MS;
	window->wake_quota_ns += 2 * MS;
	fake_loop_spend(&fixture->loop, CAUSE_CPU_QUOTA, 4 * MS);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->window_ns, 4 * MS);
	assert_int_equal(report->cause_ns[CAUSE_CPU], 0);
	assert_int_equal(report->cause_ns[CAUSE_RUNQUEUE], 0);
	assert_int_equal(report->cause_ns[CAUSE_CPU_QUOTA], 4 * MS);
	assert_int_equal(report->poll_ns, 0);
	assert_int_equal(report->wake_runqueue_ns, 0);
	assert_int_equal(report->wake_quota_ns, 0);

	/* made up for once there is something to take it from */
	model_open_window(fixture->model);
	fake_loop_spend(&fixture->loop, CAUSE_RUNQUEUE, 9 * MS);
	fake_loop_spend(&fixture->loop, CAUSE_CPU, 5 * MS);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->cause_ns[CAUSE_RUNQUEUE], 6 * MS);
	assert_int_equal(report->cause_ns[CAUSE_CPU_QUOTA], 3 * MS);
	assert_int_equal(report->cause_ns[CAUSE_CPU], 4 * MS);
	assert_int_equal(report->poll_ns, 1 * MS);
}

/* What the run queue had too much comes off the quota, though other causes gained more. */
static void test_waits_for_a_cpu_settle_first(void **state)
{
	struct model_fixture *fixture = *state;
	struct loop_window *window = &fixture->loop.window;
	const struct loop_report *report;

	fake_loop_return(&fixture->loop, 0, 1);
	fake_loop_spend(&fixture->loop, CAUSE_RUNQUEUE, 10 * MS);
	fixture_walk(fixture);
	model_open_window(fixture->model);
	window->cause_ns[CAUSE_RUNQUEUE] -= 3 * MS;
	window->cause_ns[CAUSE_CPU_QUOTA] += 3 * MS;
	fake_loop_spend(&fixture->loop, CAUSE_CPU_QUOTA, 1 * MS);
	fake_loop_spend(&fixture->loop, CAUSE_CPU, 40 * MS);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->cause_ns[CAUSE_RUNQUEUE], 0);
	assert_int_equal(report->cause_ns[CAUSE_CPU_QUOTA], 1 * MS);
	assert_int_equal(report->cause_ns[CAUSE_CPU], 40 * MS);
}

int main(void)
{
	const struct CMUnitTest model_window[] = {
		fixture_test(test_since_first_seen),
		fixture_test(test_window_is_a_difference),
		fixture_test(test_maxima_of_every_record),
		fixture_test(test_open_busy_interval),
		fixture_test(test_open_left_out),
		fixture_test(test_stall_across_windows),
		fixture_test(test_only_polls),
		fixture_test(test_unchanged_keeps_the_buckets),
		fixture_test(test_time_never_runs_backwards),
		fixture_test(test_waits_for_a_cpu_settle_first),
	};

	return cmocka_run_group_tests(model_window, NULL, NULL);
}
