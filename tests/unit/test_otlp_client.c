/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The state machine of an export, with time under control: what is sent when, and what of it. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "export/otlp/otlp_message.h"
#include "otlp_world.h"

static int set_up(void **state)
{
	*state = calloc(1, sizeof(struct otlp_world));
	world_begin(*state);
	return 0;
}

static int tear_down(void **state)
{
	world_end(*state);
	free(*state);
	return 0;
}

static void accept_all(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	(void)attempt;
	(void)now_ms;
	verdict->kind = VERDICT_ACCEPTED;
}

static void retry_all(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	(void)attempt;
	(void)now_ms;
	verdict->kind = VERDICT_RETRY;
	otlp_message_set(verdict->message, "busy");
}

static void assert_outcomes(const struct otlp_world *world, const char *expected)
{
	char outcomes[9] = "";

	for (size_t i = 0; i < world->nr_outcomes; i++)
		outcomes[i] = "ARF"[world->outcomes[i]];
	assert_string_equal(outcomes, expected);
}

static void test_accepted(void **state)
{
	struct otlp_world *world = *state;
	const struct otlp_client_stats *stats = otlp_client_stats(world->client);

	world->answer = accept_all;
	assert_int_equal(world_send(world, 3, 10000), 0);
	assert_true(otlp_client_busy(world->client));
	assert_int_equal(world->nr_attempts, 0); /* nothing happens within the call */
	world_run(world, INFINITY);
	assert_false(otlp_client_busy(world->client));
	assert_int_equal(world->nr_done, 1);
	assert_outcomes(world, "AAA");
	assert_string_equal(world->message, "");
	assert_memory_equal(world->last_body.data, "c", 1);
	assert_int_equal(stats->attempts, 3);
	assert_int_equal(stats->requests, 3);
	assert_int_equal(stats->retries + stats->failures + stats->rejected_points, 0);
	assert_int_equal(stats->bytes, 3);
	assert_near(stats->duration_s, 0.03, 1e-9);
}

static void third_time(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	(attempt < 3 ? retry_all : accept_all)(attempt, now_ms, verdict);
}

static void test_waits_between_attempts(void **state)
{
	struct otlp_world *world = *state;
	double begun_ms = world->now_ms;

	world->answer = third_time;
	world_send(world, 1, 10000);
	world_run(world, INFINITY);
	assert_outcomes(world, "A");
	assert_string_equal(world->message, "");
	assert_int_equal(world->nr_attempts, 3);
	assert_near(world->attempted_ms[0], begun_ms, 1e-9);
	assert_near(world->attempted_ms[1], begun_ms + 10 + 1000, 1e-9);
	assert_near(world->attempted_ms[2], begun_ms + 10 + 1000 + 10 + 1500, 1e-9);
	assert_int_equal(otlp_client_stats(world->client)->retries, 2);
	assert_int_equal(otlp_client_stats(world->client)->failures, 0);
}

/* The wait starts anew with each request. */
static void odd_ones(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	(attempt % 2 ? retry_all : accept_all)(attempt, now_ms, verdict);
}

static void test_backoff_of_each_request(void **state)
{
	struct otlp_world *world = *state;

	world->answer = odd_ones;
	world_send(world, 2, 10000);
	world_run(world, INFINITY);
	assert_outcomes(world, "AA");
	assert_near(world->attempted_ms[3] - world->attempted_ms[2], 1010, 1e-9);
}

static void test_deadline(void **state)
{
	struct otlp_world *world = *state;
	double begun_ms = world->now_ms;

	world->answer = retry_all;
	world_send(world, 3, 4000);
	world_run(world, INFINITY);
	assert_outcomes(world, "FFF");
	/* 0, 1.01, 2.52 s; the next wait, of 2.25 s, would end beyond 4 s: it is not begun */
	assert_int_equal(world->nr_attempts, 3);
	assert_near(world->now_ms - begun_ms, 2530, 1e-6);
	assert_string_equal(world->message, "request 1 of 3: gave up after 3 attempts: busy");
	assert_int_equal(otlp_client_stats(world->client)->failures, 1);
	assert_int_equal(otlp_client_stats(world->client)->requests, 1);
}

static void test_hang_until_the_deadline(void **state)
{
	struct otlp_world *world = *state;
	double begun_ms = world->now_ms;

	world_send(world, 1, 4000);
	world_run(world, INFINITY);
	assert_outcomes(world, "F");
	assert_near(world->now_ms - begun_ms, 4000, 1e-6);
	assert_string_equal(world->message, "gave up after 1 attempt: no complete answer in time");
}

static void after_2_s(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	third_time(attempt, now_ms, verdict);
	verdict->retry_after_ms = 2000;
}

static void at_once(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	third_time(attempt, now_ms, verdict);
	verdict->retry_after_ms = 0;
}

static void after_10_s(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	retry_all(attempt, now_ms, verdict);
	verdict->retry_after_ms = 10000;
}

/* As long as asked for, or as the back-off if that is longer. */
static void test_retry_after(void **state)
{
	struct otlp_world *world = *state;

	world->answer = after_2_s;
	world_send(world, 1, 10000);
	world_run(world, INFINITY);
	assert_near(world->attempted_ms[1] - world->attempted_ms[0], 2010, 1e-6);
	assert_near(world->attempted_ms[2] - world->attempted_ms[1], 2010, 1e-6);
	world->nr_attempts = 0;
	world->answer = at_once;
	world_send(world, 1, 10000);
	world_run(world, INFINITY);
	assert_near(world->attempted_ms[1] - world->attempted_ms[0], 1010, 1e-6);
	world->answer = after_10_s;
	world_send(world, 1, 10000);
	world_run(world, INFINITY);
	assert_outcomes(world, "F");
	assert_string_equal(world->message,
			    "gave up after 1 attempt (which asks to wait 10.0 s): busy");
}

static void stale(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	third_time(attempt, now_ms, verdict);
	verdict->at_once = attempt == 1;
}

/* The connection was the fault: the next attempt, on another one, need not wait. */
static void test_stale_connection(void **state)
{
	struct otlp_world *world = *state;

	world->answer = stale;
	world_send(world, 1, 10000);
	world_run(world, INFINITY);
	assert_outcomes(world, "A");
	assert_near(world->attempted_ms[1] - world->attempted_ms[0], 10, 1e-6);
	assert_near(world->attempted_ms[2] - world->attempted_ms[1], 1510, 1e-6);
}

static void mixed(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	(void)now_ms;
	verdict->kind = attempt == 2 ? VERDICT_REFUSED : VERDICT_ACCEPTED;
	verdict->rejected_points = attempt == 3 ? 5 : 0;
	if (attempt > 1)
		otlp_message_set(verdict->message, "%s", attempt == 2 ? "bad" : "some are bad");
}

static void test_refused(void **state)
{
	struct otlp_world *world = *state;
	const struct otlp_client_stats *stats = otlp_client_stats(world->client);

	world->answer = mixed;
	world_send(world, 4, 10000);
	world_run(world, INFINITY);
	assert_outcomes(world, "ARAA");
	assert_string_equal(world->message, "request 2 of 4: bad (and 2 more)");
	assert_int_equal(world->nr_attempts, 4);
	assert_int_equal(stats->requests, 4);
	assert_int_equal(stats->failures, 1); /* exports, not requests */
	assert_int_equal(stats->rejected_points, 5);
	assert_int_equal(stats->retries, 0);
}

static void second_fails(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	(void)now_ms;
	verdict->kind = attempt == 2 ? VERDICT_FAILED : VERDICT_ACCEPTED;
	if (attempt == 2)
		otlp_message_set(verdict->message, "expired");
}

/* Not worth another attempt now, but the next export begins afresh. */
static void test_failed_at_once(void **state)
{
	struct otlp_world *world = *state;

	world->answer = second_fails;
	world_send(world, 3, 10000);
	world_run(world, INFINITY);
	assert_outcomes(world, "AFF");
	assert_string_equal(world->message, "request 2 of 3: expired");
	assert_int_equal(world->nr_attempts, 2);
	world_send(world, 1, 10000);
	world_run(world, INFINITY);
	assert_outcomes(world, "A");
	assert_string_equal(world->message, "");
}

static void test_busy(void **state)
{
	struct otlp_world *world = *state;

	world->answer = accept_all;
	assert_int_equal(world_send(world, 2, 10000), 0);
	assert_int_equal(world_send(world, 1, 10000), -EBUSY);
	world_run(world, INFINITY);
	assert_int_equal(world->nr_done, 1);
	assert_outcomes(world, "AA");
	assert_int_equal(world_send(world, 0, 10000), -EINVAL);
}

static void test_cancel(void **state)
{
	struct otlp_world *world = *state;

	otlp_client_cancel(world->client); /* nothing under way: nothing happens */
	assert_int_equal(world->nr_done, 0);
	world_send(world, 2, 10000); /* before it has begun */
	otlp_client_cancel(world->client);
	assert_outcomes(world, "FF");
	assert_string_equal(world->message, "request 1 of 2: cancelled");
	world_send(world, 2, 10000); /* in a transfer */
	world_run(world, world->now_ms + 5);
	assert_int_equal(world->nr_attempts, 1);
	otlp_client_cancel(world->client);
	assert_outcomes(world, "FF");
	world->answer = odd_ones;
	world_send(world, 2, 10000); /* the first accepted, the second waiting */
	world_run(world, world->now_ms + 100);
	otlp_client_cancel(world->client);
	assert_outcomes(world, "AF");
	assert_int_equal(world->nr_done, 3);
	assert_true(world->wake_ms < 0 && world->end_ms < 0);
	world_run(world, INFINITY);
	assert_int_equal(world->nr_done, 3);
}

static void test_again_in_the_callback(void **state)
{
	struct otlp_world *world = *state;

	world->answer = accept_all;
	world->nr_resend = 3;
	world_send(world, 1, 10000);
	world_run(world, INFINITY);
	assert_int_equal(world->nr_done, 4);
	assert_int_equal(world->nr_attempts, 4);
}

static void test_freed_in_the_callback(void **state)
{
	struct otlp_world *world = *state;

	world->answer = accept_all;
	world->free_in_done = true;
	world_send(world, 2, 10000);
	world_run(world, INFINITY);
	assert_int_equal(world->nr_done, 1);
	assert_null(world->client);
}

static void test_freed_under_way(void **state)
{
	struct otlp_world *world = *state;

	world_send(world, 2, 10000);
	world_run(world, world->now_ms + 5);
	otlp_client_free(world->client);
	assert_null(world->client);
	assert_int_equal(world->nr_done, 0);
}

static void test_driver_fails(void **state)
{
	struct otlp_world *world = *state;

	world->start_error = -ENOMEM;
	assert_int_equal(world_send(world, 2, 10000), 0);
	world_run(world, INFINITY);
	assert_outcomes(world, "FF");
	assert_string_equal(world->message, "request 1 of 2: cannot send: Cannot allocate memory");
	world->arm_error = -ENOMEM;
	assert_int_equal(world_send(world, 2, 10000), -ENOMEM);
	assert_false(otlp_client_busy(world->client));
	assert_int_equal(world->nr_done, 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(test_accepted),
		TEST(test_waits_between_attempts),
		TEST(test_backoff_of_each_request),
		TEST(test_deadline),
		TEST(test_hang_until_the_deadline),
		TEST(test_retry_after),
		TEST(test_stale_connection),
		TEST(test_refused),
		TEST(test_failed_at_once),
		TEST(test_busy),
		TEST(test_cancel),
		TEST(test_again_in_the_callback),
		TEST(test_freed_in_the_callback),
		TEST(test_freed_under_way),
		TEST(test_driver_fails),
	};

	return cmocka_run_group_tests_name("otlp_client", tests, NULL, NULL);
}
