/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A back end that is away for ten minutes, which take no time here. */
#include "unit.h"

#include "otlp_world.h"

/* of the sanitizer that unit tests are built with; Debian's gcc has no header for it */
size_t __sanitizer_get_current_allocated_bytes(void);

/* The back end is away from 1 to 11 minutes after the start. */
static double away_from_ms, away_until_ms;

static void away(unsigned int attempt, double now_ms, struct otlp_verdict *verdict)
{
	bool is_away = now_ms >= away_from_ms && now_ms < away_until_ms;

	(void)attempt;
	verdict->kind = is_away ? VERDICT_RETRY : VERDICT_ACCEPTED;
}

/*
 * An export each 10 s, of 10 s at most, over a quarter of an hour with the back end
 * away for ten minutes: the first export after that is accepted, the load on it
 * while it was away was modest, and no memory was gained.
 */
static void test_away_for_ten_minutes(void **state)
{
	struct otlp_world world_, *world = &world_;
	double begun_ms;
	size_t in_use[2] = {};
	unsigned int nr_accepted = 0, nr_failed = 0;

	(void)state;
	world_begin(world);
	begun_ms = world->now_ms;
	away_from_ms = begun_ms + 60e3;
	away_until_ms = begun_ms + 660e3;
	world->answer = away;
	for (int i = 0; i < 90; i++) {
		double export_ms = begun_ms + i * 10e3;

		world_run(world, export_ms);
		assert_false(otlp_client_busy(world->client));
		assert_int_equal(world_send(world, 2, 10000), 0);
		world_run(world, export_ms + 9999);
		assert_int_equal(world->nr_done, i + 1);
		nr_accepted += world->outcomes[0] == OTLP_ACCEPTED;
		nr_failed += world->outcomes[0] == OTLP_FAILED;
		if (export_ms >= away_until_ms)
			assert_true(world->outcomes[0] == OTLP_ACCEPTED &&
				    world->outcomes[1] == OTLP_ACCEPTED);
		if (i == 10)
			in_use[0] = __sanitizer_get_current_allocated_bytes();
		in_use[1] = __sanitizer_get_current_allocated_bytes();
	}
	assert_int_equal(nr_accepted, 30);
	assert_int_equal(nr_failed, 60);
	assert_true(in_use[0] > 0);
	assert_int_equal(in_use[1], in_use[0]);
	assert_int_equal(otlp_client_stats(world->client)->failures, 60);
	assert_true(world->nr_attempts < 30 * 2 + 60 * 6);
	world_end(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_away_for_ten_minutes),
	};

	return cmocka_run_group_tests_name("otlp_client_outage", tests, NULL, NULL);
}
