/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Stalls of threads that have not been seen to wait: known of before they are any. */
#include "stall_fixture.h"

#include <string.h>

#include "fake_loop.h"

static struct loop_report unseen_report(__u32 tid, __u64 busy_ns)
{
	return (struct loop_report){
		.id = {.pid = 1, .tid = tid, .start_ns = 70},
		.thread = "thread",
		.family = WAIT_EPOLL,
		.state = REPORT_UNSEEN,
		.where = CAUSE_CPU,
		.where_syscall = -1,
		.current_busy_ns = busy_ns,
	};
}

static void take_unseen(struct stall_fixture *fixture, __u32 tid, __u64 busy_ns, __u64 now_ns)
{
	struct loop_report report = unseen_report(tid, busy_ns);

	assert_int_equal(stalls_take_unseen(fixture->stalls, &report, now_ns), 0);
	assert_int_equal(stalls_end_unseen(fixture->stalls), 0);
}

static void test_unseen(void **state)
{
	struct stall_fixture *fixture = *state;
	struct loop_report report = unseen_report(5, 0);

	take_unseen(fixture, 5, 10 * MS, 1010 * MS);
	TAKE_STACK(5, 0, 1020 * MS, "spin", NULL);
	take_unseen(fixture, 5, 49 * MS, 1049 * MS);
	assert_int_equal(fixture->nr_told, 0); /* it is no stall yet */
	take_unseen(fixture, 5, 150 * MS, 1150 * MS);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 1150 * MS);
	assert_true(fixture->told[0].unseen);
	assert_int_equal(fixture->told[0].start_ns, 1000 * MS);
	assert_string_equal(fixture->culprit, "spin");
	take_unseen(fixture, 5, 200 * MS, 1200 * MS);
	assert_told(fixture, 2, STALL_EVENT_LASTS, 1200 * MS);
	assert_non_null(stalls_of(fixture->stalls, &report.id));
	assert_int_equal(stalls_end_unseen(fixture->stalls), 0); /* it is no more */
	assert_told(fixture, 3, STALL_EVENT_ENDED, 1200 * MS);
	assert_int_equal(fixture->told[2].state, STALL_LOST);
}

static void test_unseen_for_a_moment(void **state)
{
	struct stall_fixture *fixture = *state;

	take_unseen(fixture, 5, 10 * MS, 1010 * MS);
	assert_int_equal(stalls_end_unseen(fixture->stalls), 0);
	take_unseen(fixture, 6, 100 * MS, 1100 * MS); /* its stack is awaited */
	assert_int_equal(fixture->nr_told, 0);
	assert_int_equal(stalls_advance(fixture->stalls, 2101 * MS), 0);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 1100 * MS);
}

static void test_unseen_comes_to_wait(void **state)
{
	struct stall_fixture *fixture = *state;
	struct fake_loop loop;

	take_unseen(fixture, 5, 100 * MS, 1100 * MS);
	fake_loop_start(&loop, 5, 1250 * MS);
	loop.window.id = (struct loop_id){1, 5, 77, 0, 0};
	stall_take_window(fixture, &loop, RECORD_LOOP_WINDOW);
	assert_told(fixture, 2, STALL_EVENT_ENDED, 1250 * MS);
	assert_int_equal(fixture->told[1].state, STALL_ENDED);
	assert_int_equal(fixture->told[0].event, STALL_EVENT_BEGUN);
}

/* An id that is nothing but the thread's numbers is no unseen thread's. */
static void test_unseen_and_an_id_like_it(void **state)
{
	struct stall_fixture *fixture = *state;
	struct stall_record record = stall_record_of(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);

	record.id.start_ns = 0;
	take_unseen(fixture, 5, 100 * MS, 90 * MS);
	assert_int_equal(stall_take(fixture, &record), 0);
	assert_told(fixture, 3, STALL_EVENT_BEGUN, 150 * MS);
	assert_true(fixture->told[1].unseen);
	take_unseen(fixture, 5, 100 * MS, 200 * MS);
	assert_int_equal(stalls_end_unseen(fixture->stalls), 0);
	assert_told(fixture, 5, STALL_EVENT_ENDED, 200 * MS);
	assert_non_null(stalls_of(fixture->stalls, &record.id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_unseen),
		TEST(test_unseen_for_a_moment),
		TEST(test_unseen_comes_to_wait),
		TEST(test_unseen_and_an_id_like_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
