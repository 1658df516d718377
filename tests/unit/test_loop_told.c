/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kernel side of stalls: what is told of one, when, and how much of it. */
#include <stdbool.h>
#include <string.h>

#include "loop_stall.h"
#include "loop_thread.h"

#define NR_READ 0
#define SECOND (1000 * MS)
#define MAX_STALLS 3
#define MAX_STACKS 5

static void causes_of(const struct loop *loop, uint64_t now, __u64 *cause_ns)
{
	__s32 nr;

	memcpy(cause_ns, loop->cause_ns, NR_CAUSES * sizeof(*cause_ns));
	loop_charge_open(loop, now, 0, cause_ns, &nr);
	stall_causes(loop, now - loop_busy_start(loop), cause_ns);
}

static uint64_t sum_of(const __u64 *cause_ns)
{
	uint64_t sum = 0;

	for (int i = 0; i < NR_CAUSES; i++)
		sum += cause_ns[i];
	return sum;
}

static void test_overdue(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	assert_false(loop_is_overdue(&thread.loop, thread.now + SECOND)); /* it polls */
	leave(&thread, 1);
	assert_false(loop_is_overdue(&thread.loop, thread.now + BLOCKING_NS - 1));
	assert_true(loop_is_overdue(&thread.loop, thread.now + BLOCKING_NS));
	thread.loop.over = OVER_LOST;
	assert_false(loop_is_overdue(&thread.loop, thread.now + BLOCKING_NS));
}

/* A threshold raised while a stall goes on leaves it a stall; one that has not begun is none. */
static void test_threshold(void **state)
{
	struct stall stall = {};
	struct thread thread;

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	stall.begun_ns = loop_busy_start(&thread.loop);
	stall.blocking_ns = SECOND;
	stall_take_threshold(&stall, &thread.loop);
	spin(&thread, 2 * BLOCKING_NS);
	enter(&thread, false, false);
	assert_int_equal(thread.loop.stalls[CAUSE_CPU], 1);

	stall_take_threshold(&stall, &thread.loop);
	assert_int_equal(thread.loop.blocking_ns, SECOND);
	stall.blocking_ns = BLOCKING_NS;
	loop_sequence_bump(&thread.loop); /* in an edge: it may be just ending one */
	stall_take_threshold(&stall, &thread.loop);
	assert_int_equal(thread.loop.blocking_ns, SECOND);
	loop_sequence_bump(&thread.loop);
	stall_take_threshold(&stall, &thread.loop);
	assert_int_equal(thread.loop.blocking_ns, BLOCKING_NS);
}

/* Of the interval alone, whatever went before; they always sum to its age. */
static void test_causes(void **state)
{
	__u64 cause_ns[NR_CAUSES];
	uint64_t start;
	struct switch_out out = {.cause = CAUSE_SYSCALL, .syscall_nr = NR_READ};
	struct thread thread;

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	off_cpu(&thread, CAUSE_LOCK, NR_FUTEX, 70 * MS, 0, 0);
	enter(&thread, false, false);
	poll_for(&thread, MS);
	leave(&thread, 1);
	start = thread.now;
	spin(&thread, 60 * MS);
	causes_of(&thread.loop, thread.now, cause_ns);
	assert_int_equal(cause_ns[CAUSE_CPU], 60 * MS);
	assert_int_equal(cause_ns[CAUSE_LOCK], 0);

	off_cpu(&thread, CAUSE_LOCK, NR_FUTEX, 20 * MS, 5 * MS, 2 * MS);
	switch_out(&thread.loop, thread.now, &out);
	causes_of(&thread.loop, thread.now + 30 * MS, cause_ns);
	assert_int_equal(cause_ns[CAUSE_CPU], 60 * MS);
	assert_int_equal(cause_ns[CAUSE_LOCK], 20 * MS);
	assert_int_equal(cause_ns[CAUSE_RUNQUEUE], 3 * MS);
	assert_int_equal(cause_ns[CAUSE_CPU_QUOTA], 2 * MS);
	assert_int_equal(cause_ns[CAUSE_SYSCALL], 30 * MS);
	assert_int_equal(sum_of(cause_ns), thread.now + 30 * MS - start);
}

static void wake_by(struct stall *stall, __u32 tid)
{
	stall->waking.pid = tid;
	stall->waking.tid = tid;
}

/* Waits with timeouts, one after the other, are one wait: who ends the last of them ended all. */
static void test_waker(void **state)
{
	struct loop loop = {.blocking_ns = BLOCKING_NS, .interval_start_ns = SECOND};
	struct stall stall = {};

	(void)state;
	for (int i = 0; i < 10; i++)
		stall_end_sleep(&stall, &loop, NR_FUTEX, 5 * MS);
	wake_by(&stall, 7);
	stall_end_sleep(&stall, &loop, NR_FUTEX, MS);
	assert_int_equal(stall.waker.tid, 7);
	assert_int_equal(stall.woken_ns, 51 * MS);
	assert_true(stall_is_woken(&stall, &loop));

	wake_by(&stall, 8); /* of a shorter one */
	stall_end_sleep(&stall, &loop, NR_READ, 20 * MS);
	assert_int_equal(stall.waker.tid, 7);
	wake_by(&stall, 9);
	stall_end_sleep(&stall, &loop, NR_READ, 60 * MS);
	assert_int_equal(stall.waker.tid, 9);
	assert_int_equal(stall.nr_syscalls, 2);
	assert_int_equal(stall.syscalls[0].count, 11);
	assert_int_equal(stall.syscalls[0].time_ns, 51 * MS);
	assert_int_equal(stall.syscalls[1].time_ns, 80 * MS);

	loop.interval_start_ns = 2 * SECOND; /* nothing is left of an earlier interval */
	wake_by(&stall, 10);
	stall_end_sleep(&stall, &loop, NR_READ, 5 * MS);
	assert_int_equal(stall.nr_syscalls, 1);
	assert_int_equal(stall.syscalls[0].time_ns, 5 * MS);
	assert_false(stall_is_woken(&stall, &loop));
}

static void test_many_syscalls(void **state)
{
	struct loop loop = {.interval_start_ns = SECOND};
	struct stall stall = {};
	uint64_t sum = 0;

	(void)state;
	for (int nr = 0; nr < 20; nr++)
		stall_end_sleep(&stall, &loop, nr, MS);
	assert_int_equal(stall.nr_syscalls, STALL_NR_SYSCALLS);
	assert_int_equal(stall.syscalls[STALL_NR_SYSCALLS - 1].nr, RECORD_SYSCALL_OTHER);
	for (int i = 0; i < STALL_NR_SYSCALLS; i++)
		sum += stall.syscalls[i].time_ns;
	assert_int_equal(sum, 20 * MS);
}

static void test_wants_waker(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	assert_false(stall_wants_waker(&thread.loop, thread.now + SECOND));
	leave(&thread, 1);
	assert_false(stall_wants_waker(&thread.loop, thread.now + MS));
	assert_true(stall_wants_waker(&thread.loop, thread.now + BLOCKING_NS / STALL_WAKER_SHARE));
}

/* No more in a minute than the ceiling; what is above it is counted, and told of in nothing. */
static void test_ceilings(void **state)
{
	struct stall stall = {};
	uint64_t now = SECOND;
	int told = 0, stacks = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		told += stall_begin(&stall, now + i * SECOND, MAX_STALLS);
	assert_int_equal(told, MAX_STALLS);
	assert_int_equal(stall.stalls_held, 10 - MAX_STALLS);
	assert_false(stall_stack_due(&stall, now, now + 20 * SECOND, MAX_STACKS));

	now += STALL_MINUTE_NS;
	assert_true(stall_begin(&stall, now, MAX_STALLS));
	for (uint64_t at = 50 * MS; at < 10 * SECOND; at += 10 * MS)
		stacks += stall_stack_due(&stall, now, now + at, MAX_STACKS);
	assert_int_equal(stacks, MAX_STACKS);
	assert_true(stall.stacks_held > 0);
}

/* A stall that lasts is told of, though it began when the ceiling had been reached. */
static void test_held_back_for_long(void **state)
{
	struct stall stall = {};
	uint64_t now = SECOND;

	(void)state;
	assert_false(stall_begin(&stall, now, 0));
	assert_false(stall_lasts_due(&stall, now, now + 999 * MS));
	assert_true(stall_lasts_due(&stall, now, now + 1000 * MS));
	assert_int_equal(stall.stalls_held, 0);
	assert_true(stall_stack_due(&stall, now, now + 1000 * MS, MAX_STACKS));
	assert_false(stall_lasts_due(&stall, now, now + 1900 * MS));
}

/* Some eight for each time that the stall's age grows e-fold, however often one asks. */
static void test_distances(void **state)
{
	struct stall stall = {};
	uint64_t now = SECOND;
	int stacks = 0, lasts = 0;

	(void)state;
	stall_begin(&stall, now, MAX_STALLS);
	for (uint64_t at = 50 * MS; at < 50 * SECOND; at += 5 * MS)
		stacks += stall_stack_due(&stall, now, now + at, 1000);
	assert_in_range(stacks, 45, 65); /* 8 * ln(1000) = 55 */

	stall_begin(&stall, now, MAX_STALLS);
	for (uint64_t at = 50 * MS; at < 400 * SECOND; at += 50 * MS)
		lasts += stall_lasts_due(&stall, now, now + at);
	/* at 1, 2, 4, ... 64 s, then once a minute */
	assert_in_range(lasts, 11, 13);
}

/* A sleep looks the same however often one looks: twice is enough, until the next one. */
static void test_same_sleep(void **state)
{
	struct stall stall = {};

	(void)state;
	for (int i = 0; i < STALL_SAME_STACKS; i++) {
		assert_true(stall_sleep_is_new(&stall, 5));
		stall.nr_stacks++;
		stall_note_sleep(&stall, 5);
	}
	assert_false(stall_sleep_is_new(&stall, 5));
	assert_true(stall_sleep_is_new(&stall, 6));
	stall.nr_stacks = 0; /* another stall */
	assert_true(stall_sleep_is_new(&stall, 5));
}

int main(void)
{
	const struct CMUnitTest loop_told[] = {
		cmocka_unit_test(test_overdue),       cmocka_unit_test(test_threshold),
		cmocka_unit_test(test_causes),        cmocka_unit_test(test_waker),
		cmocka_unit_test(test_many_syscalls), cmocka_unit_test(test_wants_waker),
		cmocka_unit_test(test_ceilings),      cmocka_unit_test(test_distances),
		cmocka_unit_test(test_same_sleep),    cmocka_unit_test(test_held_back_for_long),
	};

	return cmocka_run_group_tests(loop_told, NULL, NULL);
}
