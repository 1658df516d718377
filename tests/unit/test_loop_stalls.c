/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel side's state machine: which intervals are stalls, and of what cause. */
#include <stdbool.h>

#include "loop_thread.h"

/* A stall is of the cause that most of it went on, whatever went before it. */
static void test_stall_cause(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	off_cpu(&thread, CAUSE_SYSCALL, NR_OTHER, 45 * MS, 0, 0);
	enter(&thread, false, false);
	poll_for(&thread, MS);
	leave(&thread, 1);
	spin(&thread, 60 * MS);
	enter(&thread, false, false);
	assert_int_equal(thread.loop.stalls[CAUSE_CPU], 1);

	poll_for(&thread, MS);
	leave(&thread, 1);
	spin(&thread, 40 * MS);
	off_cpu(&thread, CAUSE_LOCK, NR_FUTEX, 41 * MS, 0, 0);
	off_cpu(&thread, CAUSE_SYSCALL, NR_OTHER, 30 * MS, 0, 0);
	enter(&thread, false, false);
	assert_int_equal(thread.loop.stalls[CAUSE_LOCK], 1);

	poll_for(&thread, MS);
	leave(&thread, 1);
	off_cpu(&thread, CAUSE_SYSCALL, NR_OTHER, 20 * MS, 15 * MS, 0);
	spin(&thread, 25 * MS);
	enter(&thread, false, false);
	assert_int_equal(thread.loop.stalls[CAUSE_CPU], 2);
	assert_int_equal(thread.loop.stalls[CAUSE_SYSCALL], 0);
}

int main(void)
{
	const struct CMUnitTest loop_stalls[] = {
		cmocka_unit_test(test_stall_cause),
	};

	return cmocka_run_group_tests(loop_stalls, NULL, NULL);
}
