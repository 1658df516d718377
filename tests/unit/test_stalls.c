/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is told of stalls, by the order in which records and stacks of them come, or do not. */
#include "stall_fixture.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fake_loop.h"

static void test_begun_lasts_ended(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 150 * MS);
	TAKE(LASTS, 5, 100 * MS, 200 * MS, CAUSE_SYSCALL);
	assert_told(fixture, 2, STALL_EVENT_LASTS, 200 * MS);
	TAKE(ENDED, 5, 100 * MS, 300 * MS, CAUSE_CPU);
	assert_told(fixture, 3, STALL_EVENT_ENDED, 300 * MS);
	assert_int_equal(fixture->told[2].state, STALL_ENDED);
	assert_int_equal(fixture->told[2].start_ns, 100 * MS);
	/* it is forgotten: another one */
	TAKE(BEGUN, 5, 400 * MS, 450 * MS, CAUSE_CPU);
	assert_told(fixture, 4, STALL_EVENT_BEGUN, 450 * MS);
}

static void test_only_an_end(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(ENDED, 5, 100 * MS, 155 * MS, CAUSE_CPU);
	assert_told(fixture, 1, STALL_EVENT_ENDED, 155 * MS);
	assert_null(stalls_of(fixture->stalls, &(struct loop_id){1, 5, 77, 0, 0}));
}

static void test_lost_beginning(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(LASTS, 5, 100 * MS, 200 * MS, CAUSE_CPU);
	assert_int_equal(fixture->nr_told, 0); /* its stack may come */
	assert_int_equal(stalls_advance(fixture->stalls, 1201 * MS), 0);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 200 * MS);
	assert_non_null(stalls_of(fixture->stalls, &(struct loop_id){1, 5, 77, 0, 0}));
}

static void test_lost_end_by_the_next_stall(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE(BEGUN, 5, 400 * MS, 450 * MS, CAUSE_CPU);
	assert_told(fixture, 3, STALL_EVENT_BEGUN, 450 * MS);
	assert_int_equal(fixture->told[1].event, STALL_EVENT_ENDED);
	assert_int_equal(fixture->told[1].state, STALL_LOST);
	assert_int_equal(fixture->told[1].until_ns, 150 * MS);
	/* an end that comes later than the next beginning is that of the earlier one */
	TAKE(ENDED, 5, 100 * MS, 160 * MS, CAUSE_CPU);
	assert_told(fixture, 4, STALL_EVENT_ENDED, 160 * MS);
	assert_non_null(stalls_of(fixture->stalls, &(struct loop_id){1, 5, 77, 0, 0}));
	TAKE(ENDED, 5, 400 * MS, 460 * MS, CAUSE_CPU);
	assert_told(fixture, 5, STALL_EVENT_ENDED, 460 * MS);
	assert_int_equal(fixture->told[4].start_ns, 400 * MS);
}

static void test_what_comes_too_late(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(LASTS, 5, 100 * MS, 200 * MS, CAUSE_CPU);
	TAKE(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE(LASTS, 5, 10 * MS, 90 * MS, CAUSE_CPU);
	assert_int_equal(fixture->nr_told, 0);
	TAKE_STACK(5, 100 * MS, 210 * MS, "a", NULL);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 210 * MS);
}

static void test_a_stack_is_awaited(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE_ANNOUNCING(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	assert_int_equal(fixture->nr_told, 0);
	TAKE_STACK(5, 100 * MS, 150 * MS, "spin", "main", NULL);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 150 * MS);
	assert_int_equal(fixture->told[0].nr_stacks, 1);
	assert_string_equal(fixture->culprit, "spin");
	/* one that is not announced */
	TAKE_STACK(5, 100 * MS, 190 * MS, "spin", "main", NULL);
	assert_told(fixture, 2, STALL_EVENT_LASTS, 190 * MS);
}

static void test_a_stack_that_does_not_come(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE_ANNOUNCING(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	assert_int_equal(stalls_advance(fixture->stalls, 1150 * MS), 0);
	assert_int_equal(fixture->nr_told, 0);
	assert_int_equal(stalls_advance(fixture->stalls, 1151 * MS), 0);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 150 * MS);
	assert_int_equal(stalls_advance(fixture->stalls, 1152 * MS), 0);
	assert_int_equal(fixture->nr_told, 1);
	TAKE_ANNOUNCING(BEGUN, 6, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE_STACK(6, 100 * MS, 150 * MS, NULL); /* it is missing */
	assert_told(fixture, 2, STALL_EVENT_BEGUN, 150 * MS);
	assert_int_equal(fixture->told[1].nr_stacks, 0);
}

/* Everybody who hears of an end has heard of the beginning. */
static void test_an_end_before_the_stack(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE_ANNOUNCING(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE(ENDED, 5, 100 * MS, 200 * MS, CAUSE_CPU);
	assert_told(fixture, 2, STALL_EVENT_ENDED, 200 * MS);
	assert_int_equal(fixture->told[0].event, STALL_EVENT_BEGUN);
	assert_int_equal(fixture->told[0].until_ns, 150 * MS);
	TAKE_STACK(5, 100 * MS, 150 * MS, "spin", NULL);
	assert_int_equal(fixture->nr_told, 2);
}

static void hold(struct stall_fixture *fixture, __u32 tid, const char *thread)
{
	fixture->holder = (struct stack_holder){.tid = tid};
	snprintf(fixture->holder.thread, sizeof(fixture->holder.thread), "%s", thread);
}

static void assert_held_by(const struct stall_fixture *fixture, __u32 tid, const char *thread)
{
	const struct stack_holder *holder = &fixture->told[fixture->nr_told - 1].holder;

	assert_int_equal(holder->tid, tid);
	assert_string_equal(holder->thread, thread);
}

/* The latest known: not while it does something else, nor beside who woke it. */
static void test_holder(void **state)
{
	struct stall_fixture *fixture = *state;
	struct stall_record end = stall_record_of(ENDED, 7, 100, 900, CAUSE_LOCK);

	TAKE_ANNOUNCING(BEGUN, 7, 100, 200, CAUSE_LOCK);
	hold(fixture, 40, "first");
	TAKE_STACK(7, 100, 200, "lock", NULL);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 200);
	assert_held_by(fixture, 40, "first");
	hold(fixture, 41, "second");
	TAKE_STACK(7, 100, 300, "lock", NULL);
	assert_held_by(fixture, 41, "second");
	hold(fixture, 0, "");
	TAKE_STACK(7, 100, 400, "lock", NULL);
	assert_held_by(fixture, 41, "second");
	TAKE(LASTS, 7, 100, 500, CAUSE_CPU);
	assert_held_by(fixture, 0, "");
	TAKE(LASTS, 7, 100, 600, CAUSE_LOCK);
	assert_held_by(fixture, 41, "second");
	assert_int_equal(stall_take(fixture, &end), 0);
	assert_told(fixture, 6, STALL_EVENT_ENDED, 900);
	assert_held_by(fixture, 41, "second");
}

/* What a stack tells is news after a record, and no longer after the next. */
static void test_holder_after_a_cpu(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE_ANNOUNCING(BEGUN, 7, 100, 200, CAUSE_RUNQUEUE);
	hold(fixture, 40, "first");
	TAKE_STACK(7, 100, 300, "lock", NULL);
	assert_told(fixture, 1, STALL_EVENT_BEGUN, 300);
	assert_held_by(fixture, 40, "first");
	TAKE(LASTS, 7, 100, 400, CAUSE_RUNQUEUE);
	assert_held_by(fixture, 0, "");
	TAKE_STACK(7, 100, 350, "lock", NULL); /* older than that */
	assert_held_by(fixture, 0, "");
	TAKE_STACK(7, 100, 500, "lock", NULL);
	assert_held_by(fixture, 40, "first");
	hold(fixture, 0, "");
	TAKE_STACK(7, 100, 600, "run", NULL);
	assert_held_by(fixture, 0, "");
}

static void test_holder_and_waker(void **state)
{
	struct stall_fixture *fixture = *state;
	struct stall_record end = stall_record_of(ENDED, 7, 100, 900, CAUSE_LOCK);

	TAKE_ANNOUNCING(BEGUN, 7, 100, 200, CAUSE_LOCK);
	hold(fixture, 40, "first");
	TAKE_STACK(7, 100, 200, "lock", NULL);
	end.flags = STALL_WOKEN;
	assert_int_equal(stall_take(fixture, &end), 0);
	assert_told(fixture, 2, STALL_EVENT_ENDED, 900);
	assert_held_by(fixture, 0, "");
}

static void test_culprit_of_half_the_weight(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, 0 + MS, 50 * MS, CAUSE_CPU);
	TAKE_STACK(5, MS, 41 * MS, "-memcpy", "parse", "handle", "main", NULL);
	TAKE_STACK(5, MS, 81 * MS, "-read", "load", "handle", "main", NULL);
	assert_string_equal(fixture->culprit, "parse"); /* half and half: the heavier, the first */
	TAKE_STACK(5, MS, 111 * MS, "-epoll", "other", "main", NULL);
	/* parse 40, load 40, other 30: handle has 80 of 110 */
	assert_string_equal(fixture->culprit, "handle");
	TAKE(ENDED, 5, MS, 161 * MS, CAUSE_CPU);
	assert_string_equal(fixture->culprit, "other"); /* 80 of 160 */
}

static void test_culprit_without_an_application(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, MS, 50 * MS, CAUSE_CPU);
	TAKE_STACK(5, MS, 41 * MS, "-a", "-main", NULL);
	TAKE_STACK(5, MS, 91 * MS, "-b", "-main", NULL);
	assert_string_equal(fixture->culprit, "-b");
}

static void test_too_many_at_once(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, 100 * MS, 250 * MS, CAUSE_CPU);
	TAKE(BEGUN, 6, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE(BEGUN, 7, 100 * MS, 350 * MS, CAUSE_CPU);
	TAKE(BEGUN, 8, 100 * MS, 450 * MS, CAUSE_CPU);
	assert_told(fixture, 5, STALL_EVENT_BEGUN, 450 * MS);
	assert_int_equal(fixture->told[3].tid, 6);
	assert_int_equal(fixture->told[3].state, STALL_LOST);
}

/* That it lasts is told at least once a minute: by silence, it was left out, or much was lost. */
static void test_lost_end_by_silence(void **state)
{
	const __u64 minute_ns = 60000 * MS;
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE(LASTS, 5, 100 * MS, minute_ns, CAUSE_CPU);
	assert_int_equal(stalls_advance(fixture->stalls, 4 * minute_ns), 0);
	assert_int_equal(fixture->nr_told, 2);
	assert_int_equal(stalls_advance(fixture->stalls, 4 * minute_ns + 1), 0);
	assert_told(fixture, 3, STALL_EVENT_ENDED, minute_ns);
	assert_int_equal(fixture->told[2].state, STALL_LOST);
	assert_null(stalls_of(fixture->stalls, &(struct loop_id){1, 5, 77, 0, 0}));
}

/* Windows overtake the records of stalls: an end is given its time to come. */
static void test_lost_end_by_a_window(void **state)
{
	struct stall_fixture *fixture = *state;
	struct fake_loop loop;

	fake_loop_start(&loop, 5, 50 * MS);
	loop.window.id = (struct loop_id){1, 5, 77, 0, 0};
	fake_loop_pass(&loop, 50 * MS);
	fake_loop_return(&loop, 0, 1);
	fake_loop_pass(&loop, 60 * MS);
	TAKE(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	stall_take_window(fixture, &loop, RECORD_LOOP_WINDOW); /* it goes on */
	assert_int_equal(stalls_advance(fixture->stalls, 20000 * MS), 0);
	assert_int_equal(fixture->nr_told, 1);
	fake_loop_enter(&loop);
	fake_loop_pass(&loop, 10 * MS);
	stall_take_window(fixture, &loop, RECORD_LOOP_WINDOW); /* at 170 ms */
	assert_int_equal(stalls_advance(fixture->stalls, 5170 * MS), 0);
	assert_int_equal(fixture->nr_told, 1);
	assert_int_equal(stalls_advance(fixture->stalls, 5171 * MS), 0);
	assert_told(fixture, 2, STALL_EVENT_ENDED, 150 * MS);
	assert_int_equal(fixture->told[1].state, STALL_LOST);
}

static void test_finish(void **state)
{
	struct stall_fixture *fixture = *state;

	TAKE(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	TAKE_ANNOUNCING(BEGUN, 6, 100 * MS, 160 * MS, CAUSE_CPU);
	assert_int_equal(stalls_finish(fixture->stalls), 0);
	assert_told(fixture, 4, STALL_EVENT_ENDED, 160 * MS);
	assert_int_equal(fixture->told[3].state, STALL_GOES_ON);
}

static void test_a_listener_that_fails(void **state)
{
	struct stall_fixture *fixture = *state;
	struct stall_record record = stall_record_of(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);

	fixture->answer = -ENOSPC;
	assert_int_equal(stall_take(fixture, &record), -ENOSPC);
	record = stall_record_of(ENDED, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	assert_int_equal(stall_take(fixture, &record), -ENOSPC);
	assert_int_equal(fixture->nr_told, 2);
}

static void test_malformed(void **state)
{
	struct stall_fixture *fixture = *state;
	const struct stall_record sound = stall_record_of(BEGUN, 5, 100 * MS, 150 * MS, CAUSE_CPU);
	struct stall_record bad[9];

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		bad[i] = sound;
	bad[0].header.size--;
	bad[1].header.reserved = 1;
	bad[2].family = NR_WAIT_FAMILIES;
	bad[3].cause = NR_CAUSES;
	bad[4].flags = 0x80;
	bad[5].nr_syscalls = STALL_NR_SYSCALLS + 1;
	bad[6].cause_ns[CAUSE_CPU]--;
	bad[7].start_ns = 151 * MS;
	bad[8].stalls_held = 1ULL << 63;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(stall_take(fixture, &bad[i]), -EBADMSG);
	assert_int_equal(stalls_take_record(fixture->stalls, &sound, 8), -EBADMSG);
	assert_int_equal(stalls_take_stack(fixture->stalls, "no stack", 8), -EBADMSG);
	assert_int_equal(fixture->nr_told, 0);
	assert_int_equal(stall_take(fixture, &sound), 0);
	assert_int_equal(fixture->nr_told, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_begun_lasts_ended),
		TEST(test_only_an_end),
		TEST(test_lost_beginning),
		TEST(test_lost_end_by_the_next_stall),
		TEST(test_what_comes_too_late),
		TEST(test_a_stack_is_awaited),
		TEST(test_a_stack_that_does_not_come),
		TEST(test_an_end_before_the_stack),
		TEST(test_holder),
		TEST(test_holder_after_a_cpu),
		TEST(test_holder_and_waker),
		TEST(test_culprit_of_half_the_weight),
		TEST(test_culprit_without_an_application),
		TEST(test_too_many_at_once),
		TEST(test_lost_end_by_a_window),
		TEST(test_lost_end_by_silence),
		TEST(test_finish),
		TEST(test_a_listener_that_fails),
		TEST(test_malformed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
