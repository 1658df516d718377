/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The table of loops: which of them there is a report of, and for how long. */
#include "model_fixture.h"

#include <errno.h>

static void test_gone_loop(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fixture_walk(fixture);
	model_open_window(fixture->model);
	fixture_iterate(&fixture->loop, 10 * MS, 10 * MS, 1);
	fake_loop_return(&fixture->loop, 0, 1);
	fake_loop_pass(&fixture->loop, 60 * MS);
	assert_int_equal(fixture_apply(fixture, &fixture->loop, RECORD_LOOP_GONE), 0);
	/* a walk that saw it on its way out, and one that did before */
	fake_loop_pass(&fixture->loop, 5 * MS);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->state, REPORT_ENDED);
	assert_int_equal(report->current_busy_ns, 0);
	assert_int_equal(report->window_ns, 80 * MS);
	assert_int_equal(report->busy.count, 2);
	assert_int_equal(report->stalls, 1);
	assert_int_equal(model_nr_loops(fixture->model), 1);
	model_open_window(fixture->model);
	assert_int_equal(model_nr_loops(fixture->model), 0);
	assert_int_equal(fixture_report(fixture), 0);
}

static void test_records_out_of_order(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;
	struct fake_loop overtaken;

	fixture_walk(fixture);
	model_open_window(fixture->model);
	fixture_iterate(&fixture->loop, 10 * MS, 10500 * US, 1);
	overtaken = fixture->loop;
	fixture->loop.window.busy_max_ns = 0;
	fixture_iterate(&fixture->loop, 10 * MS, 10400 * US, 1);
	fixture_walk(fixture);
	assert_int_equal(fixture_apply(fixture, &overtaken, RECORD_LOOP_GONE), 0);
	report = fixture_report_only(fixture);
	assert_int_equal(report->state, REPORT_ENDED);
	assert_int_equal(report->iterations, 2);
	assert_near(report->busy.max, 10500e3, 0);
}

static void test_tid_used_again(void **state)
{
	struct model_fixture *fixture = *state;
	struct fake_loop next;

	fixture_iterate(&fixture->loop, 10 * MS, 10 * MS, 1);
	assert_int_equal(fixture_apply(fixture, &fixture->loop, RECORD_LOOP_GONE), 0);
	fake_loop_start(&next, 1, 1100 * MS);
	next.window.id.start_ns++;
	fixture_iterate(&next, 1 * MS, 1 * MS, 1);
	assert_int_equal(fixture_apply(fixture, &next, RECORD_LOOP_WINDOW), 0);
	fake_loop_start(&next, 1, 1200 * MS);
	next.window.id.exec_id++;
	fixture_iterate(&next, 2 * MS, 2 * MS, 1);
	assert_int_equal(fixture_apply(fixture, &next, RECORD_LOOP_WINDOW), 0);
	assert_int_equal(fixture_report(fixture), 3);
	model_open_window(fixture->model);
	assert_int_equal(model_nr_loops(fixture->model), 2);
}

static void test_kernel_side_began_anew(void **state)
{
	struct model_fixture *fixture = *state;
	const struct loop_report *report;

	fixture_iterate(&fixture->loop, 10 * MS, 10 * MS, 1);
	fixture_walk(fixture);
	model_open_window(fixture->model);
	fake_loop_start(&fixture->loop, 1, 2000 * MS);
	fixture_iterate(&fixture->loop, 1 * MS, 1 * MS, 1);
	fixture_walk(fixture);
	report = fixture_report_only(fixture);
	assert_int_equal(report->window_ns, 2 * MS);
	assert_int_equal(report->busy.sum, 1 * MS);
}

static void test_too_many_loops(void **state)
{
	struct model_fixture *fixture = *state;
	struct fake_loop loop;

	for (__u32 tid = 1; tid <= FIXTURE_MAX_LOOPS + 2; tid++) {
		fake_loop_start(&loop, tid, 1000 * MS);
		fake_loop_pass(&loop, 1 * MS);
		assert_int_equal(fixture_apply(fixture, &loop, RECORD_LOOP_WINDOW),
				 tid <= FIXTURE_MAX_LOOPS ? 0 : -ENOSPC);
	}
	assert_int_equal(model_nr_loops(fixture->model), FIXTURE_MAX_LOOPS);
	assert_int_equal(model_stats(fixture->model)->loops_dropped, 2);
	assert_int_equal(fixture_report(fixture), FIXTURE_MAX_LOOPS);
}

/* Its last record was lost. */
static void test_loop_that_is_heard_no_more(void **state)
{
	struct model_fixture *fixture = *state;
	struct fake_loop silent;

	fake_loop_start(&silent, 2, 1000 * MS);
	assert_int_equal(fixture_apply(fixture, &silent, RECORD_LOOP_WINDOW), 0);
	for (int window = 0; window < 4; window++) {
		fake_loop_pass(&fixture->loop, 1 * MS);
		fixture_walk(fixture);
		assert_int_equal(fixture_report(fixture), window == 0 ? 2 : 1);
		assert_int_equal(model_nr_loops(fixture->model), 2);
		model_open_window(fixture->model);
	}
	assert_int_equal(model_nr_loops(fixture->model), 2);
	fixture_walk(fixture);
	model_open_window(fixture->model);
	assert_int_equal(model_nr_loops(fixture->model), 1);
	for (int window = 0; window < 9; window++) /* nothing walked: nothing missed */
		model_open_window(fixture->model);
	assert_int_equal(model_nr_loops(fixture->model), 1);
}

static int refuse(const struct loop_report *report, void *context)
{
	(void)report;
	++*(int *)context;
	return -EPIPE;
}

static void test_callback_stops_the_walk(void **state)
{
	struct model_fixture *fixture = *state;
	struct fake_loop other;
	int nr_calls = 0;

	fake_loop_start(&other, 2, 1000 * MS);
	fixture_walk(fixture);
	assert_int_equal(fixture_apply(fixture, &other, RECORD_LOOP_WINDOW), 0);
	assert_int_equal(model_report(fixture->model, refuse, &nr_calls), -EPIPE);
	assert_int_equal(nr_calls, 1);
}

static void test_free_takes_null(void **state)
{
	(void)state;
	model_free(NULL);
}

int main(void)
{
	const struct CMUnitTest model[] = {
		fixture_test(test_gone_loop),
		fixture_test(test_records_out_of_order),
		fixture_test(test_tid_used_again),
		fixture_test(test_kernel_side_began_anew),
		fixture_test(test_too_many_loops),
		fixture_test(test_loop_that_is_heard_no_more),
		fixture_test(test_callback_stops_the_walk),
		cmocka_unit_test(test_free_takes_null),
	};

	return cmocka_run_group_tests(model, NULL, NULL);
}
