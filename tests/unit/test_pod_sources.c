/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The kubelet as the only source, and beside an API server that fails; on a virtual clock. */
#include "unit.h"

#include <string.h>

#include "pod_script.h"

static struct pod_world world_, *world = &world_;

static void answer_kubelet(struct world_server *server, const char *path, size_t nr,
			   struct world_answer *ret)
{
	(void)server;
	(void)nr;
	assert_string_equal(path, "/pods");
	*ret = (struct world_answer){.after_ms = 10, .status = 200};
	ret->body = json_list("", "", json_pod("a"));
}

static void answer_other_pods(struct world_server *server, const char *path, size_t nr,
			      struct world_answer *ret)
{
	answer_kubelet(server, path, nr, ret);
	ret->body = json_list("", "", json_pod("b"));
}

static void answer_half(struct world_server *server, const char *path, size_t nr,
			struct world_answer *ret)
{
	answer_kubelet(server, path, nr, ret);
	ret->body = "{\"kind\":\"PodList\",\"items\":[";
}

static void answer_api(struct world_server *server, const char *path, size_t nr,
		       struct world_answer *ret)
{
	(void)server;
	(void)nr;
	*ret = (struct world_answer){.after_ms = 10, .status = 200};
	if (is_watch(path))
		ret->lasts_ms = -1;
	else
		ret->body = json_list("100", "", json_pod("c"));
}

/* The list begins to come, and no more of it does. */
static void answer_api_and_stall(struct world_server *server, const char *path, size_t nr,
				 struct world_answer *ret)
{
	answer_api(server, path, nr, ret);
	if (!is_watch(path)) {
		ret->body = "{\"kind\":\"PodList\",\"metadata\":{\"resourceVersion\":\"9\"},";
		ret->lasts_ms = -1;
	}
}

static double since_last_ms(const struct world_server *server)
{
	return pod_world_last(server)->at_ms - server->requests[server->nr_requests - 2].at_ms;
}

static void test_kubelet_alone(void **state)
{
	size_t nr;

	(void)state;
	pod_world_begin(world, NULL, answer_kubelet);
	assert_string_equal(pod_world_stats(world).source, "kubelet");
	pod_world_run(world, 25000);
	assert_int_equal(world->kubelet.nr_requests, 3);
	assert_near(since_last_ms(&world->kubelet), 10000, 0.001);
	assert_int_equal(world->nr_synced, 3);
	assert_int_equal(world->nr_changed, 1);
	assert_true(pod_world_knows(world, "a"));
	world->kubelet.answer = answer_half;
	pod_world_run(world, 8000);
	assert_true(pod_world_knows(world, "a"));
	assert_int_equal(pod_world_stats(world).failures, 2);
	world->kubelet.answer = answer_other_pods;
	pod_world_run(world, 10000);
	assert_false(pod_world_knows(world, "a"));
	assert_true(pod_world_knows(world, "b"));
	nr = world->kubelet.nr_requests;
	world->kubelet.answer = answer_half;
	while (pod_world_stats(world).failures == 2)
		pod_world_run(world, 100);
	world->kubelet.answer = answer_kubelet;
	pod_world_run(world, 2000); /* waits begin anew, once all has been well */
	assert_true(pod_world_knows(world, "a"));
	assert_int_equal(world->kubelet.nr_requests, nr + 2);
	pod_world_end(world);
}

static void test_hurry(void **state)
{
	size_t nr;

	(void)state;
	pod_world_begin(world, NULL, answer_kubelet);
	pod_world_run(world, 5000);
	pod_watch_hurry(world->watch);
	pod_world_run(world, 0);
	assert_int_equal(world->kubelet.nr_requests, 2);
	for (int i = 0; i < 100; i++) { /* at most once a second, whoever asks how often */
		pod_watch_hurry(world->watch);
		pod_world_run(world, 50);
	}
	assert_in_range(world->kubelet.nr_requests, 6, 7);
	pod_world_run(world, 4000);
	pod_watch_hurry(world->watch);
	pod_world_run(world, 1); /* a list is under way: it may come too early */
	nr = world->kubelet.nr_requests;
	pod_watch_hurry(world->watch);
	pod_world_run(world, 1000);
	assert_int_equal(world->kubelet.nr_requests, nr + 1);
	pod_world_run(world, 4000);
	world->kubelet.answer = refuse_connections;
	pod_watch_hurry(world->watch);
	pod_world_run(world, 10);
	assert_int_equal(pod_world_stats(world).failures, 1);
	for (int i = 0; i < 100; i++) { /* nor does it shorten the waits after failures */
		pod_watch_hurry(world->watch);
		pod_world_run(world, 50);
	}
	assert_int_equal(pod_world_stats(world).failures, 3);
	pod_world_end(world);
}

static void test_kubelet_fails(void **state)
{
	(void)state;
	pod_world_begin(world, NULL, forbid);
	pod_world_run(world, 10 * MINUTE);
	assert_int_equal(world->nr_reports, 1);
	assert_non_null(strstr(world->reports[0].message, "the kubelet https://kubelet since"));
	assert_non_null(strstr(world->reports[0].message, "nodes/pods"));
	world->kubelet.answer = answer_kubelet;
	pod_world_run(world, MINUTE);
	assert_int_equal(world->nr_reports, 2);
	assert_false(world->reports[1].failed);
	pod_world_end(world);
}

static void check_kubelet_idle(void)
{
	size_t nr = world->kubelet.nr_requests;

	pod_watch_hurry(world->watch);
	pod_world_run(world, 5 * MINUTE);
	assert_int_equal(world->kubelet.nr_requests, nr);
}

static void test_kubelet_not_needed(void **state)
{
	(void)state;
	pod_world_begin(world, answer_api, answer_kubelet);
	pod_world_run(world, 1000);
	assert_string_equal(pod_world_stats(world).source, "api");
	check_kubelet_idle();
	assert_int_equal(world->kubelet.nr_requests, 0);
	pod_world_end(world);
}

/* Ten seconds or so without the API server, and the kubelet helps until that is back. */
static void check_fallback(world_answer_fn api, double at_most_ms)
{
	pod_world_begin(world, api, answer_kubelet);
	pod_world_run(world, at_most_ms);
	assert_true(world->kubelet.nr_requests > 0);
	assert_string_equal(pod_world_stats(world).source, "kubelet");
	assert_true(pod_world_knows(world, "a"));
	assert_int_equal(world->nr_reports, 1);
	assert_non_null(strstr(world->reports[0].message, "the kubelet is asked meanwhile"));
	world->api.answer = answer_api;
	pod_world_run(world, 2 * MINUTE);
	assert_string_equal(pod_world_stats(world).source, "api");
	assert_false(pod_world_knows(world, "a"));
	assert_true(pod_world_knows(world, "c"));
	assert_int_equal(world->nr_reports, 2);
	check_kubelet_idle();
	pod_world_end(world);
}

static void test_fallback(void **state)
{
	(void)state;
	check_fallback(refuse_connections, 30000);
	check_fallback(forbid, 5000);
}

/*
 * A watch that breaks off, for long: the kubelet's lists leave pods out that the API server has, so
 * that what comes next is a list and no watch.
 */
static void test_fallback_after_a_watch(void **state)
{
	size_t nr;

	(void)state;
	pod_world_begin(world, answer_api, answer_kubelet);
	pod_world_run(world, MINUTE);
	world->api.answer = refuse_connections;
	pod_world_hang_up(&world->api, "connection reset");
	pod_world_run(world, MINUTE);
	assert_true(pod_world_knows(world, "a"));
	assert_false(pod_world_knows(world, "c"));
	world->api.answer = answer_api;
	nr = world->api.nr_requests;
	pod_world_run(world, MINUTE);
	assert_non_null(strstr(world->api.requests[nr].path, "resourceVersion=100&resourceVersionM"
							     "atch=NotOlderThan"));
	assert_true(pod_world_knows(world, "c"));
	assert_int_equal(world->nr_reports, 2);
	pod_world_end(world);
}

/* The kubelet is left alone while the API server's list comes, and asked again when that fails. */
static void test_lists_do_not_mix(void **state)
{
	size_t nr;

	(void)state;
	pod_world_begin(world, refuse_connections, answer_kubelet);
	pod_world_run(world, MINUTE);
	world->api.answer = answer_api_and_stall;
	while (!world->api.in_request || isfinite(world->api.answer_ms))
		pod_world_run(world, 10);
	nr = world->kubelet.nr_requests;
	pod_watch_hurry(world->watch);
	pod_world_run(world, 13000);
	assert_int_equal(world->kubelet.nr_requests, nr);
	assert_true(pod_world_knows(world, "a"));
	pod_world_run(world, 3000); /* the list has fallen silent */
	assert_true(world->kubelet.nr_requests > nr);
	assert_true(pod_world_knows(world, "a"));
	assert_string_equal(pod_world_stats(world).source, "kubelet");
	pod_world_end(world);
}

/* Both fail: told of once each. */
static void test_both_fail(void **state)
{
	(void)state;
	pod_world_begin(world, refuse_connections, refuse_connections);
	pod_world_run(world, 60 * MINUTE);
	assert_int_equal(world->nr_reports, 2);
	assert_non_null(strstr(world->reports[1].message, "the API server https://api since"));
	assert_non_null(strstr(world->reports[1].message,
			       "; nor from the kubelet https://kubelet: connection refused"));
	assert_in_range(world->api.nr_requests + world->kubelet.nr_requests, 100, 200);
	pod_world_end(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kubelet_alone),
		cmocka_unit_test(test_hurry),
		cmocka_unit_test(test_kubelet_fails),
		cmocka_unit_test(test_kubelet_not_needed),
		cmocka_unit_test(test_fallback),
		cmocka_unit_test(test_fallback_after_a_watch),
		cmocka_unit_test(test_lists_do_not_mix),
		cmocka_unit_test(test_both_fail),
	};

	return cmocka_run_group_tests_name("pod_sources", tests, NULL, NULL);
}
