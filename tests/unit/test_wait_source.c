/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which waits are a loop's own, when it becomes another one, and what a park is. */
#include <stdbool.h>
#include <stdint.h>

#include "loop_thread.h"
#include "wait_source.h"

#define SECOND (1000 * MS)
#define STACK 0x7ffd00010000ULL /* of the loop's own wait */

static struct wait_call wait_on(enum wait_family family, int source, long above)
{
	return (struct wait_call){
		.family = family, .source = source, .sp = STACK + above, .events = 0x1000};
}

static struct loop loop_on(enum wait_family family, int source)
{
	struct loop loop = {};
	const struct wait_call call = wait_on(family, source, 0);

	loop_start(&loop, SECOND, &call, false);
	return loop;
}

static enum wait_elsewhere elsewhere(struct loop *loop, uint64_t now, struct wait_call call)
{
	return loop_wait_elsewhere(loop, now, &call, false);
}

static void test_own(void **state)
{
	struct loop epoll = loop_on(WAIT_EPOLL, 5), poll = loop_on(WAIT_POLL, WAIT_NO_SOURCE);
	struct wait_call call = wait_on(WAIT_EPOLL, 5, -300);

	(void)state;
	assert_true(wait_call_is_own(&epoll, &call)); /* from wherever it is called */
	call.source = 6;
	assert_false(wait_call_is_own(&epoll, &call));
	call = wait_on(WAIT_POLL, WAIT_NO_SOURCE, 0);
	assert_true(wait_call_is_own(&poll, &call));
	assert_false(wait_call_is_own(&epoll, &call));
	call.events++; /* without a descriptor, the place is all there is */
	assert_true(wait_call_is_own(&poll, &call));
	call.sp -= 96;
	assert_false(wait_call_is_own(&poll, &call));
}

/* CPython calls poll from less deep when it has run for a while, and may go back to that. */
static void test_own_from_elsewhere(void **state)
{
	struct loop poll = loop_on(WAIT_POLL, WAIT_NO_SOURCE);
	struct wait_call call = wait_on(WAIT_POLL, WAIT_NO_SOURCE, 96);

	(void)state;
	assert_true(wait_call_is_own(&poll, &call)); /* the array is the same */
	call.sp = STACK - 1000;
	assert_true(wait_call_is_own(&poll, &call));
	call.sp = STACK - 10000;
	assert_false(wait_call_is_own(&poll, &call));
	poll.call.events = STACK + 64; /* on the stack */
	call.events = STACK + 64 - 96;
	call.sp = STACK - 96;
	assert_true(wait_call_is_own(&poll, &call));
	call.events += 16; /* another function */
	assert_false(wait_call_is_own(&poll, &call));
	call.events = STACK + 64 - 1000; /* the same one, called by a callback */
	call.sp = STACK - 1000;
	assert_false(wait_call_is_own(&poll, &call));
}

/* A query's waits on a latch: for ever, and as often as they may come. */
static void test_deeper_is_nested(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);

	(void)state;
	for (int i = 0; i < 100000; i++)
		assert_int_equal(
			elsewhere(&loop, SECOND + i * SECOND, wait_on(WAIT_EPOLL, 8, -900)),
			ELSEWHERE_NESTED);
	for (int i = 0; i < 100000; i++)
		assert_int_equal(elsewhere(&loop, SECOND + i * SECOND,
					   wait_on(WAIT_POLL, WAIT_NO_SOURCE, -900)),
				 ELSEWHERE_NESTED);
}

/* Attached in the middle of a query, the latch came first: the loop is found at its next wait. */
static void test_outer_takes_over(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 8);

	(void)state;
	assert_int_equal(elsewhere(&loop, SECOND, wait_on(WAIT_EPOLL, 4, 900)), ELSEWHERE_OWN);
	assert_int_equal(elsewhere(&loop, SECOND, wait_on(WAIT_EPOLL, 4, 0)), ELSEWHERE_OWN);
	assert_int_equal(elsewhere(&loop, SECOND, wait_on(WAIT_EPOLL, 4, 2 * WAIT_STACK_BYTES)),
			 ELSEWHERE_NESTED); /* a coroutine's stack */
}

/* libuv has its array of events on the stack: what counts is the frame's beginning. */
static void test_array_on_the_stack_is_no_depth(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 8);
	struct wait_call own = loop.call, nested = wait_on(WAIT_EPOLL, 9, 4000);

	(void)state;
	own.events = own.sp + 64;
	own.max_events = 1024;
	loop.call = own;
	assert_int_equal(elsewhere(&loop, SECOND, nested), ELSEWHERE_NESTED);
	nested.sp = own.events + 1024 * WAIT_EVENT_BYTES + 64;
	assert_int_equal(elsewhere(&loop, SECOND, nested), ELSEWHERE_OWN);
}

static void test_closed(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);
	const struct wait_call epoll = wait_on(WAIT_EPOLL, 6, -900),
			       poll = wait_on(WAIT_POLL, WAIT_NO_SOURCE, -900);

	(void)state;
	assert_int_equal(loop_wait_elsewhere(&loop, SECOND, &epoll, true), ELSEWHERE_OWN);
	assert_int_equal(loop_wait_elsewhere(&loop, SECOND, &poll, true), ELSEWHERE_NESTED);
	assert_int_equal(loop_wait_elsewhere(&loop, SECOND, &poll, true), ELSEWHERE_CHANGES);
}

/* A poll loop was a guess: epoll is none. */
static void test_epoll_is_surer(void **state)
{
	struct loop loop = loop_on(WAIT_SELECT, WAIT_NO_SOURCE);

	(void)state;
	assert_int_equal(elsewhere(&loop, SECOND, wait_on(WAIT_EPOLL, 6, -900)), ELSEWHERE_NESTED);
	assert_int_equal(elsewhere(&loop, SECOND, wait_on(WAIT_EPOLL, 7, -900)), ELSEWHERE_NESTED);
	assert_int_equal(elsewhere(&loop, SECOND, wait_on(WAIT_EPOLL, 7, -900)), ELSEWHERE_CHANGES);
}

/* Waiting elsewhere and not deeper, as often and as long as no callback does. */
static void test_durable_change(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);
	const struct wait_call call = wait_on(WAIT_IO_URING, 9, 100);

	(void)state;
	for (int i = 0; i < 2 * WAIT_ELSEWHERE_MANY; i++)
		assert_int_equal(elsewhere(&loop, SECOND, call), ELSEWHERE_NESTED); /* not long */
	assert_int_equal(elsewhere(&loop, SECOND + WAIT_ELSEWHERE_LONG_NS, call),
			 ELSEWHERE_CHANGES);
	loop.other.count = 0; /* its own wait in between: from the beginning */
	assert_int_equal(elsewhere(&loop, SECOND + 2 * WAIT_ELSEWHERE_LONG_NS, call),
			 ELSEWHERE_NESTED);
}

static void test_no_wait_says_nothing(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);
	struct wait_call call = wait_on(WAIT_EPOLL, 5, 900);

	(void)state;
	call.zero_timeout = 1;
	assert_int_equal(elsewhere(&loop, SECOND, call), ELSEWHERE_NESTED);
	assert_int_equal(elsewhere(&loop, SECOND, wait_on(WAIT_NONE, 3, 900)), ELSEWHERE_NESTED);
	assert_int_equal(loop.other.count, 0);
}

static void test_evidence(void **state)
{
	struct loop loop = loop_on(WAIT_POLL, WAIT_NO_SOURCE);
	const uint64_t start = loop.first_seen_ns;

	(void)state;
	assert_false(loop_has_evidence(&loop, start + WAIT_EVIDENCE_NS - 1));
	assert_true(loop_has_evidence(&loop, start + WAIT_EVIDENCE_NS)); /* asleep in it since */
	loop.state = LOOP_BUSY;
	assert_false(loop_has_evidence(&loop, start + SECOND));
	loop.iterations = WAIT_EVIDENCE_ITERATIONS;
	assert_true(loop_has_evidence(&loop, start + SECOND));
	/* a pool's worker: it polled, and now it is idle on a lock */
	loop.away = CAUSE_LOCK;
	loop.mark_ns = start + SECOND / 10;
	assert_false(loop_has_evidence(&loop, start + SECOND));
	assert_true(loop_has_evidence(&loop, start + SECOND / 2 - MS));
	loop.away = CAUSE_SYSCALL; /* blocked: what a loop is reported for */
	assert_true(loop_has_evidence(&loop, start + 100 * SECOND));
}

static bool is_park(struct loop *loop, long above, unsigned int value, bool timed)
{
	const struct futex_wait futex = {.sp = STACK + above, .value = value, .timed = timed};

	return loop_is_park(loop, &futex);
}

/* The offsets that tokio 1.54 was seen to have. */
static void test_parks(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);

	(void)state;
	assert_true(is_park(&loop, -56, 1, false));
	for (int i = 0; i < 10; i++) {
		assert_false(is_park(&loop, -168, 1, false)); /* a task's lock, however often */
		assert_true(is_park(&loop, -56, 1, false));
	}
	assert_int_equal(loop.parks, 1);
}

/* A task's lock came first: the park is nearer to the thread's beginning. */
static void test_park_after_lock(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);

	(void)state;
	assert_true(is_park(&loop, -136, 7, false)); /* all that is known yet */
	assert_true(is_park(&loop, 56, 8, false));
	assert_true(is_park(&loop, 56, 9, false));
	assert_false(is_park(&loop, -136, 10, false));
}

/* Nearer to the thread's beginning yet, and rarer: the runtime's own locks. */
static void test_locks_of_the_runtime(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);

	(void)state;
	for (int i = 0; i < 100; i++) {
		assert_true(is_park(&loop, 104, 1, false));
		assert_true(is_park(&loop, 104, 1, false));
		assert_true(is_park(&loop, 248, 1, false));
	}
	assert_true(is_park(&loop, 104, 1, false));
	assert_false(is_park(&loop, 8, 1, false));
}

/* A worker of tokio's that blocked in place, and is one again without a wait in the pool. */
static void test_park_from_another_frame(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);

	(void)state;
	assert_true(is_park(&loop, 40, 1, false));
	loop.call.sp += 80;
	assert_true(is_park(&loop, 40, 1, false));
	assert_false(is_park(&loop, 24, 1, false));
	loop.call.sp -= 16;
	assert_true(is_park(&loop, 24, 1, false)); /* all has moved by 16 */
	assert_false(is_park(&loop, -88, 1, false));
}

/* Erlang's schedulers. */
static void test_timed_park(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 6);

	(void)state;
	assert_true(is_park(&loop, 248, 0xffffffff, true));
	assert_true(is_park(&loop, 248, 0xffffffff, true));
	assert_false(is_park(&loop, 100, 0, true));
}

static void test_no_parks(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);

	(void)state;
	assert_false(is_park(&loop, 8, WAIT_MUTEX_CONTENDED, false));
	assert_false(is_park(&loop, -8, 1, true));
	assert_false(is_park(&loop, -WAIT_PARK_FRAME_BYTES - 8, 1, false));
	assert_int_equal(loop.parks, 0);
}

/* The pool's own wait, and then the loop again from another place. */
static void test_park_after_the_pool(void **state)
{
	struct loop loop = loop_on(WAIT_EPOLL, 4);

	(void)state;
	assert_true(is_park(&loop, 40, 1, false));
	assert_true(is_park(&loop, 856, 1, true));
	assert_true(is_park(&loop, 24, 1, false));
	assert_false(is_park(&loop, -72, 1, false));
}

/* Parked is polling: the invariants hold, and each park is an iteration. */
static void test_park_is_idle(void **state)
{
	struct thread thread;
	struct switch_out out = {.cause = CAUSE_LOCK, .syscall_nr = NR_FUTEX, .parks = true};

	(void)state;
	thread_start(&thread);
	poll_for(&thread, 3 * MS);
	leave(&thread, 1);
	spin(&thread, 2 * MS);
	assert_int_equal(switch_out(&thread.loop, thread.now, &out), 0);
	assert_int_equal(thread.loop.state, LOOP_POLL);
	poll_for(&thread, 70 * MS);
	loop_waking(&thread.loop, thread.now, 1, 0);
	switch_in(&thread.loop, thread.now, &(struct switch_in){.queue = 1});
	assert_int_equal(thread.loop.state, LOOP_BUSY);
	spin(&thread, 1 * MS);
	enter(&thread, false, false);
	assert_int_equal(thread.loop.iterations, 2);
	assert_int_equal(thread.loop.poll_ns, thread.poll_ns);
	assert_int_equal(thread.loop.cause_ns[CAUSE_CPU], thread.cause_ns[CAUSE_CPU]);
	assert_int_equal(thread.loop.cause_ns[CAUSE_LOCK], 0);
	assert_int_equal(thread.loop.stalls[CAUSE_LOCK], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_own_from_elsewhere),
		cmocka_unit_test(test_deeper_is_nested),
		cmocka_unit_test(test_outer_takes_over),
		cmocka_unit_test(test_array_on_the_stack_is_no_depth),
		cmocka_unit_test(test_closed),
		cmocka_unit_test(test_epoll_is_surer),
		cmocka_unit_test(test_durable_change),
		cmocka_unit_test(test_no_wait_says_nothing),
		cmocka_unit_test(test_evidence),
		cmocka_unit_test(test_parks),
		cmocka_unit_test(test_park_after_lock),
		cmocka_unit_test(test_locks_of_the_runtime),
		cmocka_unit_test(test_park_from_another_frame),
		cmocka_unit_test(test_timed_park),
		cmocka_unit_test(test_no_parks),
		cmocka_unit_test(test_park_after_the_pool),
		cmocka_unit_test(test_park_is_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
