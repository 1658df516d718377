/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* List and watch against an API server that answers from a script, on a virtual clock. */
#include "unit.h"

#include <string.h>

#include "pod_script.h"

static struct pod_world world_, *world = &world_;

static void test_list_then_watch(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	assert_string_equal(pod_world_stats(world).source, "api");
	assert_false(pod_world_stats(world).synced);
	pod_world_run(world, 1000);
	assert_int_equal(world->api.nr_requests, 2);
	check_path(world, 0, PATH_ANY);
	check_watch(world, 1, "100");
	assert_int_equal(world->nr_synced, 1);
	assert_true(pod_world_stats(world).synced);
	assert_true(pod_world_knows(world, "a") && pod_world_knows(world, "b"));

	pod_world_say(&world->api, json_event("ADDED", "c", "101"));
	pod_world_say(&world->api, json_event("DELETED", "a", "102"));
	assert_true(pod_world_knows(world, "c"));
	assert_false(pod_world_knows(world, "a"));
	assert_non_null(pods_of_uid(world->pods, "a")); /* for its grace */
	pod_world_say(&world->api, json_bookmark("200"));
	pod_world_run(world, 10000);
	pod_world_hang_up(&world->api, ""); /* renewed at once, from where it was */
	assert_int_equal(world->api.nr_requests, 3);
	check_watch(world, 2, "200");
	pod_world_run(world, 1000);
	pod_world_say(&world->api, json_event("MODIFIED", "b", "207"));
	pod_world_run(world, 10000);
	pod_world_hang_up(&world->api, "");
	check_watch(world, 3, "207");
	assert_int_equal(pod_world_stats(world).failures, 0);
	assert_int_equal(pod_world_stats(world).events, 4);
	assert_int_equal(world->nr_reports, 0);
	pod_world_end(world);
}

/* A grace period ends though nothing happens on the node: a bookmark is time, too. */
static void test_grace_ends_by_bookmarks(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, 1000);
	pod_world_say(&world->api, json_event("DELETED", "a", "102"));
	pod_world_run(world, 2 * MINUTE);
	pod_world_say(&world->api, json_bookmark("103"));
	assert_null(pods_of_uid(world->pods, "a"));
	pod_world_end(world);
}

/* The first time the version has expired, a list comes at once; then not before a wait. */
static void check_expired(void (*expire)(void))
{
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, 1000);
	expire();
	check_not_older(world, 2, "100");
	assert_near(world->api.requests[2].at_ms, world->now_ms, 0);
	pod_world_run(world, 100);
	check_watch(world, 3, "100");
	expire();
	assert_int_equal(world->api.nr_requests, 4);
	pod_world_run(world, 2000);
	check_not_older(world, 4, "100");
	assert_true(world->api.requests[4].at_ms - world->api.requests[3].at_ms >= 1000);
	check_watch(world, 5, "100");
	pod_world_run(world, 10000); /* now it is well, and a list may come at once again */
	expire();
	assert_near(world->api.requests[6].at_ms, world->now_ms, 0);
	pod_world_run(world, 10000);
	pod_world_hang_up(&world->api, "");
	check_watch(world, 8, "100"); /* and a watch is one again */
	assert_int_equal(pod_world_stats(world).failures, 3);
	assert_int_equal(world->nr_reports, 0);
	pod_world_end(world);
}

static void expire_by_event(void)
{
	pod_world_say(&world->api, json_error(410));
}

static void expire_by_status(void)
{
	world->api.under_way.status = 410;
	pod_world_hang_up(&world->api, "HTTP 410");
}

static void test_expired(void **state)
{
	(void)state;
	check_expired(expire_by_event);
	check_expired(expire_by_status);
}

/* etcd was restored: nothing as new as what we have seen is there. */
static void answer_too_new(struct world_server *server, const char *path, size_t nr,
			   struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	if (strstr(path, "NotOlderThan"))
		*ret = (struct world_answer){.after_ms = 3000, .status = 504};
	else if (!is_watch(path) && nr)
		ret->body = json_list("50", "", json_pod("b"));
}

static void test_version_from_the_future(void **state)
{
	(void)state;
	pod_world_begin(world, answer_too_new, NULL);
	pod_world_run(world, 10000);
	expire_by_event();
	pod_world_run(world, 20000);
	check_not_older(world, 2, "100");
	check_path(world, 3, PATH_LATEST);
	check_watch(world, 4, "50");
	assert_false(pod_world_knows(world, "a"));
	assert_true(pod_world_knows(world, "b"));
	pod_world_end(world);
}

/* Likewise, but the watch is taken, and tells nothing until a bookmark gives it away. */
static void test_versions_go_back(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, 10000);
	pod_world_say(&world->api, json_bookmark("99"));
	check_path(world, 2, PATH_LATEST);
	pod_world_run(world, 1000);
	check_watch(world, 3, "100");
	pod_world_say(&world->api, json_bookmark("1000")); /* as numbers, not as texts */
	pod_world_say(&world->api, json_bookmark("1000"));
	pod_world_say(&world->api, json_bookmark("opaque"));
	pod_world_say(&world->api, json_bookmark("7"));
	assert_int_equal(world->api.nr_requests, 4);
	pod_world_end(world);
}

/* An etcd without a cache before it: pages, whose second has expired at first. */
static void answer_pages(struct world_server *server, const char *path, size_t nr,
			 struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	if (is_watch(path))
		return;
	if (!strstr(path, "&continue="))
		ret->body = json_list("100", "t/1=", json_pod("a"));
	else if (nr == 1)
		*ret = (struct world_answer){.after_ms = 10, .status = 410};
	else
		ret->body = json_list("170", "", json_pod("b"));
}

static void test_pages(void **state)
{
	(void)state;
	pod_world_begin(world, answer_pages, NULL);
	pod_world_run(world, 5);
	check_path(world, 0, PATH_ANY);
	pod_world_run(world, 1000);
	check_path(world, 1, PATH_LATEST "&continue=t%2F1%3D");
	check_path(world, 2, PATH_LATEST);
	check_path(world, 3, PATH_LATEST "&continue=t%2F1%3D");
	check_watch(world, 4, "100"); /* the first page's: nothing is missed */
	assert_true(pod_world_knows(world, "a") && pod_world_knows(world, "b"));
	assert_int_equal(pod_world_stats(world).lists, 1);
	pod_world_end(world);
}

static void answer_endless_pages(struct world_server *server, const char *path, size_t nr,
				 struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	ret->body = json_list("1", "more", json_pod("a"));
}

static void test_endless_pages(void **state)
{
	(void)state;
	pod_world_begin(world, answer_endless_pages, NULL);
	pod_world_run(world, 20999);
	assert_int_equal(pod_world_stats(world).failures, 1);
	assert_false(pod_world_stats(world).synced);
	pod_world_end(world);
}

/* After a list, all that follow break off within the second page. */
static void answer_broken_lists(struct world_server *server, const char *path, size_t nr,
				struct world_answer *ret)
{
	answer_well(server, path, nr, ret);
	if (nr < 2)
		return;
	if (strstr(path, "&continue="))
		ret->body = "{\"kind\":\"PodList\",\"items\":[";
	else
		ret->body = json_list("170", "t", json_pod("c"));
}

static void test_broken_list_deletes_nothing(void **state)
{
	(void)state;
	pod_world_begin(world, answer_broken_lists, NULL);
	pod_world_run(world, 10000);
	expire_by_event();
	pod_world_run(world, 10 * MINUTE);
	assert_int_equal(pod_world_stats(world).lists, 1);
	assert_int_equal(pod_world_nr_pods(world), 3);
	assert_int_equal(world->nr_reports, 1);
	assert_non_null(strstr(world->reports[0].message, "the list of pods breaks off"));
	pod_world_end(world);
}

static void test_garbage(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, 10000);
	pod_world_say(&world->api, json_event("ADDED", "c", "101"));
	pod_world_say(&world->api, "{\"type\":\"ADDED\",\"object\":{\"metadata\":{}}}\n");
	assert_int_equal(pod_world_stats(world).bad, 1);
	pod_world_say(&world->api, json_bookmark("101"));
	assert_int_equal(pod_world_stats(world).bad, 1);
	pod_world_say(&world->api, "]]");
	assert_int_equal(world->api.nr_requests, 2);
	pod_world_run(world, 2000); /* a list, since the stream's place is lost */
	check_not_older(world, 2, "101");
	check_watch(world, 3, "100");
	assert_int_equal(pod_world_stats(world).failures, 1);
	pod_world_end(world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list_then_watch),
		cmocka_unit_test(test_grace_ends_by_bookmarks),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_version_from_the_future),
		cmocka_unit_test(test_versions_go_back),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_endless_pages),
		cmocka_unit_test(test_broken_list_deletes_nothing),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests_name("pod_watch", tests, NULL, NULL);
}
