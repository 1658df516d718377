/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel side's state machine, the very source, against a scripted thread
 * that keeps its own truth.
 */
#include <linux/types.h>
#include <stdbool.h>
#include <string.h>

#include "loop_thread.h"
#include "unit.h"

static void assert_charged(const struct thread *thread)
{
	struct loop_window window = {.poll_ns = thread->loop.poll_ns};

	memcpy(window.cause_ns, thread->loop.cause_ns, sizeof(window.cause_ns));
	loop_snapshot_open(&thread->loop, thread->now, thread->throttled_ns, &window);
	assert_int_equal(window.poll_ns, thread->poll_ns);
	for (int i = 0; i < NR_CAUSES; i++)
		assert_int_equal(window.cause_ns[i], thread->cause_ns[i]);
}

static uint64_t histogram_count(const struct loop *loop, enum loop_histogram histogram)
{
	uint64_t count = 0;

	for (int i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
		count += loop->histograms[histogram][i].count;
	return count;
}

static void test_each_cause(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	off_cpu(&thread, CAUSE_SYSCALL, NR_WAIT, 10 * MS, 2 * MS, MS);
	leave(&thread, 3);
	spin(&thread, 60 * MS);
	off_cpu(&thread, CAUSE_SYSCALL, NR_OTHER, 7 * MS, 3 * MS, 0);
	off_cpu(&thread, CAUSE_LOCK, NR_FUTEX, 5 * MS, 0, 0);
	off_cpu(&thread, CAUSE_PAGE_FAULT, -1, 4 * MS, MS, 0);
	off_cpu(&thread, CAUSE_OTHER, -1, 11 * MS, 0, 0);
	off_cpu(&thread, CAUSE_RUNQUEUE, -1, 0, 20 * MS, 15 * MS);
	spin(&thread, MS);
	assert_charged(&thread);
	enter(&thread, false, false);
	poll_for(&thread, 9 * MS);
	assert_charged(&thread);

	assert_int_equal(thread.loop.iterations, 1);
	assert_int_equal(thread.loop.events, 3);
	assert_int_equal(thread.loop.stalls[CAUSE_CPU], 1);
	assert_int_equal(thread.loop.wake_quota_ns, MS);
	assert_int_equal(thread.loop.wake_runqueue_ns, MS);
	assert_int_equal(thread.loop.nr_syscalls, 2);
	assert_int_equal(thread.loop.syscalls[0].nr, NR_OTHER);
	assert_int_equal(thread.loop.syscalls[0].time_ns, 7 * MS);
	assert_int_equal(loop_maximum(&thread.loop, HISTOGRAM_BUSY), 112 * MS);
	assert_int_equal(histogram_count(&thread.loop, HISTOGRAM_WAKE), 1);
}

/* libuv with idle time measured: a poll with timeout 0, then the real one. */
static void test_prepoll_is_one_iteration(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	for (int i = 0; i < 10; i++) {
		spin(&thread, MS);
		enter(&thread, true, true);
		poll_for(&thread, US);
		leave(&thread, 0);
		poll_for(&thread, US); /* the gap */
		enter(&thread, false, true);
		off_cpu(&thread, CAUSE_SYSCALL, NR_WAIT, 5 * MS, 0, 0);
		leave(&thread, 1);
		assert_charged(&thread);
	}
	assert_int_equal(thread.loop.iterations, 11);
	assert_int_equal(histogram_count(&thread.loop, HISTOGRAM_BUSY), 10);
	assert_int_equal(histogram_count(&thread.loop, HISTOGRAM_POLL), 11);
}

/* uvloop runs short callbacks after such a poll: what they take tells it from libuv's own. */
static void test_short_work_is_an_iteration(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	for (int i = 0; i < 10; i++) {
		enter(&thread, true, true);
		spin(&thread, US);
		leave(&thread, 0);
		spin(&thread, 3 * US);
		enter(&thread, false, true);
		poll_for(&thread, 5 * MS);
		leave(&thread, 1);
		assert_charged(&thread);
	}
	assert_int_equal(thread.loop.iterations, 21);
}

/* The same calls with work in between, as HAProxy or setImmediate have it. */
static void test_work_after_zero_timeout_is_an_iteration(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	for (int i = 0; i < 10; i++) {
		spin(&thread, MS);
		enter(&thread, true, true);
		spin(&thread, US); /* such a call does not wait */
		leave(&thread, 0);
		spin(&thread, MS);
		assert_charged(&thread);
		enter(&thread, false, true);
		poll_for(&thread, 5 * MS);
		leave(&thread, 1);
	}
	assert_int_equal(thread.loop.iterations, 21);
	assert_int_equal(histogram_count(&thread.loop, HISTOGRAM_BUSY), 20);
	assert_charged(&thread);
}

static void test_full_batch_is_polled_again(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	leave(&thread, 1024);
	spin(&thread, MS);
	enter(&thread, true, true);
	/* the thread's first call was not libuv's: nothing is known of it yet */
	leave(&thread, 1024);
	spin(&thread, MS);
	enter(&thread, true, true);
	leave(&thread, 10);
	spin(&thread, MS);
	enter(&thread, false, true);
	assert_int_equal(thread.loop.iterations, 2);
	assert_int_equal(thread.loop.events, 1024 + 1024 + 10);
	assert_int_equal(histogram_count(&thread.loop, HISTOGRAM_BUSY), 3);
}

static void test_signal_in_between(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	poll_for(&thread, MS);
	leave(&thread, LOOP_EINTR);
	poll_for(&thread, 2 * US);
	enter(&thread, false, false);
	poll_for(&thread, MS);
	leave(&thread, 1);
	assert_int_equal(thread.loop.iterations, 1);
	assert_int_equal(histogram_count(&thread.loop, HISTOGRAM_BUSY), 0);
	spin(&thread, MS);
	enter(&thread, false, false);
	leave(&thread, LOOP_EINTR);
	spin(&thread, 5 * MS); /* a handler that works */
	enter(&thread, false, false);
	assert_int_equal(thread.loop.iterations, 2);
	assert_int_equal(histogram_count(&thread.loop, HISTOGRAM_BUSY), 2);
	assert_charged(&thread);
}

/* While it sleeps the snapshot says where; once woken, that it waits for a CPU. */
static void test_open_interval(void **state)
{
	struct thread thread;
	struct switch_out out = {.cause = CAUSE_SYSCALL, .syscall_nr = NR_OTHER, .queue = 1};
	struct loop_window window = {};

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	switch_out(&thread.loop, thread.now, &out);
	loop_snapshot_open(&thread.loop, thread.now + MS, 0, &window);
	assert_int_equal(window.state, LOOP_BUSY);
	assert_int_equal(window.cause, CAUSE_SYSCALL);
	assert_int_equal(window.syscall_nr, NR_OTHER);
	assert_int_equal(window.cause_ns[CAUSE_SYSCALL], MS);

	loop_waking(&thread.loop, thread.now + 2 * MS, 1, 0);
	window = (struct loop_window){};
	loop_snapshot_open(&thread.loop, thread.now + 5 * MS, MS, &window);
	assert_int_equal(window.cause, CAUSE_CPU_QUOTA);
	assert_int_equal(window.syscall_nr, NR_OTHER); /* whose sleep is not in the tables yet */
	assert_int_equal(window.cause_ns[CAUSE_SYSCALL], 2 * MS);
	assert_int_equal(window.cause_ns[CAUSE_CPU_QUOTA], MS);
	assert_int_equal(window.cause_ns[CAUSE_RUNQUEUE], 2 * MS);
}

/* A wait that goes from a throttled queue to another one. */
static void test_migration_keeps_quota(void **state)
{
	struct thread thread;
	struct switch_out out = {
		.cause = CAUSE_RUNQUEUE, .syscall_nr = -1, .queue = 1, .throttled_ns = 500 * MS};

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	switch_out(&thread.loop, thread.now, &out);
	loop_migrate(&thread.loop, 1, 503 * MS, 2, 9000 * MS);
	switch_in(&thread.loop, thread.now + 10 * MS,
		  &(struct switch_in){.queue = 2, .throttled_ns = 9004 * MS});
	assert_int_equal(thread.loop.cause_ns[CAUSE_CPU_QUOTA], 7 * MS);
	assert_int_equal(thread.loop.cause_ns[CAUSE_RUNQUEUE], 3 * MS);
}

/* Preempted between two writes of an edge: nothing is charged twice or lost. */
static void test_preempted_within_an_edge(void **state)
{
	struct thread thread;
	struct switch_out out = {.cause = CAUSE_RUNQUEUE, .syscall_nr = -1};

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	loop_sequence_bump(&thread.loop);
	switch_out(&thread.loop, thread.now, &out);
	thread.now += 4 * MS;
	thread.cause_ns[CAUSE_RUNQUEUE] += 4 * MS;
	switch_in(&thread.loop, thread.now, &(struct switch_in){.queue = 0, .throttled_ns = 0});
	loop_sequence_bump(&thread.loop);
	spin(&thread, MS);
	enter(&thread, false, false);
	assert_charged(&thread);
}

static void test_missed_edges_are_healed(void **state)
{
	struct thread thread;
	struct switch_out in_wait = {
		.cause = CAUSE_SYSCALL, .syscall_nr = NR_WAIT, .in_wait = true};
	struct switch_out in_other = {.cause = CAUSE_SYSCALL, .syscall_nr = NR_OTHER};

	(void)state;
	thread_start(&thread);
	assert_int_equal(switch_out(&thread.loop, thread.now, &in_other), 1);
	assert_int_equal(thread.loop.state, LOOP_BUSY);
	loop_waking(&thread.loop, thread.now + MS, 1, 0);
	switch_in(&thread.loop, thread.now + MS,
		  &(struct switch_in){.queue = 1, .throttled_ns = 0});
	assert_int_equal(switch_out(&thread.loop, thread.now + 2 * MS, &in_wait), 1);
	assert_int_equal(thread.loop.state, LOOP_POLL);
	assert_int_equal(thread.loop.cause_ns[CAUSE_SYSCALL], MS);
	assert_int_equal(thread.loop.cause_ns[CAUSE_CPU], MS);
}

static void switch_in_late(struct thread *thread, uint64_t now, uint64_t arrival_ns,
			   uint64_t run_delay_ns)
{
	struct switch_in in;

	now = loop_late_switch_in(&thread->loop, now, arrival_ns, run_delay_ns, &in);
	switch_in(&thread->loop, now, &in);
}

/*
 * A switch-in that no program saw, nor the waking: the scheduler says that the
 * thread was queued after 7 ms, and ran after 2 more.
 */
static void test_late_switch_in(void **state)
{
	struct thread thread;
	struct switch_out out = {
		.cause = CAUSE_SYSCALL, .syscall_nr = NR_OTHER, .run_delay_ns = 100 * MS};

	(void)state;
	thread_start(&thread);
	leave(&thread, 1);
	switch_out(&thread.loop, thread.now, &out);
	switch_in_late(&thread, thread.now + 30 * MS, thread.now + 9 * MS, 102 * MS);
	thread.now += 30 * MS;
	thread.cause_ns[CAUSE_SYSCALL] = 7 * MS;
	thread.cause_ns[CAUSE_RUNQUEUE] = 2 * MS;
	thread.cause_ns[CAUSE_CPU] = 21 * MS;
	enter(&thread, false, false);
	assert_charged(&thread);
	assert_int_equal(thread.loop.syscalls[0].count, 1);

	/* and where the scheduler says nothing, nobody knows better than the sleep */
	leave(&thread, 1);
	switch_out(&thread.loop, thread.now, &out);
	switch_in_late(&thread, thread.now + 5 * MS, 0, 0);
	thread.now += 5 * MS;
	thread.cause_ns[CAUSE_SYSCALL] += 5 * MS;
	assert_charged(&thread);
}

/* fexit does not fire for the call in which a loop was found asleep. */
static void test_unseen_exit(void **state)
{
	struct thread thread;
	struct switch_out in_wait = {
		.cause = CAUSE_SYSCALL, .syscall_nr = NR_WAIT, .in_wait = true};

	(void)state;
	thread_start(&thread);
	thread.loop = (struct loop){.unseen_exit = UNSEEN_EXIT_ASLEEP};
	loop_start(&thread.loop, thread.now, &thread.call, true);
	loop_waking(&thread.loop, thread.now + MS, 1, 0);
	switch_in(&thread.loop, thread.now + MS,
		  &(struct switch_in){.queue = 1, .throttled_ns = 0});
	assert_int_equal(thread.loop.state, LOOP_BUSY);
	/* but it sleeps on */
	switch_out(&thread.loop, thread.now + MS + US, &in_wait);
	assert_int_equal(thread.loop.state, LOOP_POLL);
	assert_int_equal(thread.loop.iterations, 0);
	loop_waking(&thread.loop, thread.now + 2 * MS, 1, 0);
	switch_in(&thread.loop, thread.now + 2 * MS,
		  &(struct switch_in){.queue = 1, .throttled_ns = 0});
	thread.now += 3 * MS;
	enter(&thread, false, false);
	assert_int_equal(thread.loop.iterations, 1);
	assert_int_equal(thread.loop.cause_ns[CAUSE_CPU], MS + US);
	assert_int_equal(thread.loop.poll_ns, 2 * MS - US);
}

/* A record that could not be sent keeps its maxima for the next. */
static void test_maxima_outlive_lost_records(void **state)
{
	struct thread thread;

	(void)state;
	thread_start(&thread);
	loop_count_ns(&thread.loop, HISTOGRAM_BUSY, 9 * MS);
	thread.loop.epoch++; /* a walk that fails */
	loop_count_ns(&thread.loop, HISTOGRAM_BUSY, MS);
	thread.loop.epoch++;
	loop_count_ns(&thread.loop, HISTOGRAM_BUSY, 2 * MS);
	assert_int_equal(loop_maximum(&thread.loop, HISTOGRAM_BUSY), 9 * MS);
	thread.loop.epoch++;
	thread.loop.sent_epoch = thread.loop.epoch;
	assert_int_equal(loop_maximum(&thread.loop, HISTOGRAM_BUSY), 0);
	loop_count_ns(&thread.loop, HISTOGRAM_BUSY, MS);
	assert_int_equal(loop_maximum(&thread.loop, HISTOGRAM_BUSY), MS);
}

static void test_many_syscalls(void **state)
{
	struct thread thread;
	uint64_t count = 0;

	(void)state;
	thread_start(&thread);
	for (int nr = 0; nr < 100; nr++)
		loop_charge_syscall(&thread.loop, nr, US);
	assert_int_equal(thread.loop.nr_syscalls, RECORD_NR_SYSCALLS);
	for (int i = 0; i < RECORD_NR_SYSCALLS; i++)
		count += thread.loop.syscalls[i].count;
	assert_int_equal(count, 100);
	assert_int_equal(thread.loop.syscalls[RECORD_NR_SYSCALLS - 1].nr, RECORD_SYSCALL_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_cause),
		cmocka_unit_test(test_prepoll_is_one_iteration),
		cmocka_unit_test(test_short_work_is_an_iteration),
		cmocka_unit_test(test_work_after_zero_timeout_is_an_iteration),
		cmocka_unit_test(test_full_batch_is_polled_again),
		cmocka_unit_test(test_signal_in_between),
		cmocka_unit_test(test_open_interval),
		cmocka_unit_test(test_migration_keeps_quota),
		cmocka_unit_test(test_preempted_within_an_edge),
		cmocka_unit_test(test_missed_edges_are_healed),
		cmocka_unit_test(test_late_switch_in),
		cmocka_unit_test(test_unseen_exit),
		cmocka_unit_test(test_maxima_outlive_lost_records),
		cmocka_unit_test(test_many_syscalls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
