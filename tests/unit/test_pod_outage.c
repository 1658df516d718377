/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An API server that is away, busy, silent or unwilling, on a virtual clock. */
#include "unit.h"

#include <string.h>

#include "pod_script.h"

static struct pod_world world_, *world = &world_;

static void test_backoff(void **state)
{
	static const double waits_ms[] = {1500, 3000, 6000, 12000, 24000, 45000, 45000, 45000};

	(void)state;
	pod_world_begin(world, refuse_connections, NULL);
	pod_world_run(world, 20 * MINUTE);
	for (size_t i = 0; i < ARRAY_SIZE(waits_ms); i++)
		assert_near(world->api.requests[i + 1].at_ms - world->api.requests[i].at_ms,
			    waits_ms[i] + 1, 0.001);
	assert_int_equal(world->nr_reports, 1);
	assert_true(world->reports[0].failed);
	assert_non_null(strstr(world->reports[0].message, "https://api since 20"));
	assert_non_null(strstr(world->reports[0].message, "connection refused"));
	assert_near(world->reports[0].at_ms, 1e6, 30000);
	assert_int_equal(pod_world_stats(world).failures, world->api.nr_requests);

	world->api.answer = answer_well;
	pod_world_run(world, 2 * MINUTE);
	assert_int_equal(world->nr_reports, 2);
	assert_false(world->reports[1].failed);
	assert_true(pod_world_stats(world).synced);
	pod_world_end(world);
}

/* An API server that restarts: no word, and the watch goes on from where it was. */
static void test_short_outage(void **state)
{
	size_t nr;

	(void)state;
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, MINUTE);
	pod_world_say(&world->api, json_bookmark("130"));
	world->api.answer = refuse_connections;
	pod_world_hang_up(&world->api, "connection reset");
	pod_world_run(world, 6000);
	world->api.answer = answer_well;
	pod_world_run(world, MINUTE);
	check_watch(world, world->api.nr_requests - 1, "130");
	pod_world_hang_up(&world->api, "connection reset");
	nr = world->api.nr_requests;
	pod_world_run(world, 2000); /* waits begin anew, once all has been well */
	assert_int_equal(world->api.nr_requests, nr + 1);
	assert_int_equal(pod_world_stats(world).lists, 1);
	assert_int_equal(world->nr_reports, 0);
	pod_world_end(world);
}

static void answer_busy(struct world_server *server, const char *path, size_t nr,
			struct world_answer *ret)
{
	static const double asked_s[] = {40, 1, 1e9};

	(void)server;
	(void)path;
	*ret = (struct world_answer){.after_ms = 0, .status = nr == 1 ? 503 : 429};
	if (nr < ARRAY_SIZE(asked_s))
		ret->retry_after_s = asked_s[nr];
}

static void test_retry_after(void **state)
{
	static const double waits_ms[] = {40000, 3000, 300000};

	(void)state;
	pod_world_begin(world, answer_busy, NULL);
	pod_world_run(world, 20 * MINUTE);
	for (size_t i = 0; i < ARRAY_SIZE(waits_ms); i++)
		assert_near(world->api.requests[i + 1].at_ms - world->api.requests[i].at_ms,
			    waits_ms[i], 0.001);
	pod_world_end(world);
}

static void answer_short_watches(struct world_server *server, const char *path, size_t nr,
				 struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	if (is_watch(path)) {
		ret->lasts_ms = 0;
		ret->body = json_event("MODIFIED", "a", "105");
	}
}

static void test_watches_that_end_at_once(void **state)
{
	(void)state;
	pod_world_begin(world, answer_short_watches, NULL);
	pod_world_run(world, 10 * MINUTE);
	assert_in_range(world->api.nr_requests, 10, 25);
	assert_int_equal(pod_world_stats(world).lists, 1);
	assert_int_equal(world->nr_reports, 1);
	assert_non_null(strstr(world->reports[0].message, "ends each watch as soon as it begins"));
	pod_world_end(world);
}

/*
 * A watch without a word, of a server that has sent bookmarks: perhaps nobody is there any more,
 * perhaps its versions are behind ours. A list tells.
 */
static void test_silent_watch(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, 5 * MINUTE);
	assert_int_equal(world->api.nr_requests, 2); /* none yet: old servers have none */
	pod_world_say(&world->api, json_bookmark("130"));
	pod_world_run(world, MINUTE);
	pod_world_hang_up(&world->api, "");
	check_watch(world, 2, "130");
	pod_world_run(world, 199000);
	assert_int_equal(world->api.nr_requests, 3);
	pod_world_run(world, 2000);
	check_not_older(world, 3, "130");
	check_watch(world, 4, "100");
	pod_world_run(world, 5 * MINUTE); /* it sends none any more */
	assert_int_equal(world->api.nr_requests, 5);
	assert_int_equal(pod_world_stats(world).failures, 0);
	pod_world_end(world);
}

/*
 * A watch that says nothing, of a server that may send no bookmarks, ends by its timeout and some.
 * What follows is a list.
 */
static void test_half_closed(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, 6 * MINUTE);
	assert_int_equal(world->api.nr_requests, 2);
	pod_world_run(world, MINUTE);
	assert_int_equal(world->api.nr_requests, 4);
	check_not_older(world, 2, "100");
	assert_int_equal(world->nr_reports, 0);
	pod_world_end(world);
}

static void test_no_answer(void **state)
{
	(void)state;
	pod_world_begin(world, answer_never, NULL);
	pod_world_run(world, MINUTE);
	assert_in_range(world->api.nr_requests, 3, 4);
	assert_int_equal(world->nr_reports, 1);
	assert_non_null(strstr(world->reports[0].message, "does not answer"));
	pod_world_end(world);
}

static void answer_lists_only(struct world_server *server, const char *path, size_t nr,
			      struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	if (is_watch(path))
		*ret = (struct world_answer){.after_ms = INFINITY};
}

/* A watch may take long to be answered, but not for ever. */
static void test_no_answer_to_watch(void **state)
{
	(void)state;
	pod_world_begin(world, answer_lists_only, NULL);
	pod_world_run(world, MINUTE);
	assert_int_equal(world->api.nr_requests, 2);
	pod_world_run(world, MINUTE);
	assert_int_equal(world->api.nr_requests, 3);
	assert_int_equal(world->nr_reports, 1);
	pod_world_end(world);
}

static void test_forbidden(void **state)
{
	(void)state;
	pod_world_begin(world, forbid, NULL);
	pod_world_run(world, 3000);
	assert_int_equal(world->nr_reports, 1);
	assert_non_null(strstr(world->reports[0].message, "pods is forbidden"));
	assert_non_null(strstr(world->reports[0].message, "get, list and watch pods"));
	pod_world_run(world, 10 * MINUTE);
	assert_int_equal(world->nr_reports, 1);
	pod_world_end(world);
}

/* A token that has just rotated: the next one is taken. */
static void refuse_once(struct world_server *server, const char *path, size_t nr,
			struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	if (!nr)
		*ret = (struct world_answer){.after_ms = 1, .status = 401};
}

static void test_token_rotates(void **state)
{
	(void)state;
	pod_world_begin(world, refuse_once, NULL);
	pod_world_run(world, MINUTE);
	assert_true(pod_world_stats(world).synced);
	assert_int_equal(world->nr_reports, 0);
	pod_world_end(world);
}

/* A role with list and without watch: lists, then, though seldom. */
static void forbid_watches(struct world_server *server, const char *path, size_t nr,
			   struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	if (is_watch(path))
		*ret = (struct world_answer){.after_ms = 1, .status = 403};
}

static void test_watch_forbidden(void **state)
{
	(void)state;
	pod_world_begin(world, forbid_watches, NULL);
	pod_world_run(world, 30 * MINUTE);
	assert_in_range(pod_world_stats(world).lists, 30, 50);
	assert_int_equal(world->nr_reports, 1);
	pod_world_end(world);
}

static void test_no_sources(void **state)
{
	(void)state;
	pod_world_begin(world, NULL, NULL);
	pod_world_run(world, MINUTE);
	pod_watch_hurry(world->watch);
	assert_string_equal(pod_world_stats(world).source, "none");
	assert_false(pod_world_stats(world).synced);
	pod_world_end(world);
	pod_watch_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_backoff),
		cmocka_unit_test(test_short_outage),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_watches_that_end_at_once),
		cmocka_unit_test(test_silent_watch),
		cmocka_unit_test(test_half_closed),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_no_answer_to_watch),
		cmocka_unit_test(test_forbidden),
		cmocka_unit_test(test_token_rotates),
		cmocka_unit_test(test_watch_forbidden),
		cmocka_unit_test(test_no_sources),
	};

	return cmocka_run_group_tests_name("pod_outage", tests, NULL, NULL);
}
