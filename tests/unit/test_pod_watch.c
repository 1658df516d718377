/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* List and watch against an API server that answers from a script, on a virtual clock. */
#include "unit.h"

#include <string.h>

#include "pod_world.h"

#define ANY                                                              \
	"/api/v1/pods?fieldSelector=spec.nodeName%3Dnode%201&limit=500&" \
	"resourceVersion=0"
#define LATEST "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode%201&limit=500"
#define WATCH                                                          \
	"/api/v1/pods?fieldSelector=spec.nodeName%3Dnode%201&watch=1&" \
	"allowWatchBookmarks=true&resourceVersion="
#define MINUTE 60000.0

static struct pod_world world_, *world = &world_;

static bool is_watch(const char *path)
{
	return strstr(path, "&watch=1") != NULL;
}

static void check_path(size_t nr, const char *path)
{
	assert_true(nr < world->api.nr_requests);
	assert_string_equal(world->api.requests[nr].path, path);
}

static void check_not_older(size_t nr, const char *version)
{
	char path[256];

	snprintf(path, sizeof(path),
		 "/api/v1/pods?fieldSelector=spec.nodeName%%3Dnode%%201&resourceVersion=%s&"
		 "resourceVersionMatch=NotOlderThan",
		 version);
	check_path(nr, path);
}

static void check_watch(size_t nr, const char *version)
{
	const char *path = world->api.requests[nr].path, *rest = path + strlen(WATCH);

	assert_true(nr < world->api.nr_requests);
	assert_memory_equal(path, WATCH, strlen(WATCH));
	assert_memory_equal(rest, version, strlen(version));
	assert_string_equal(rest + strlen(version), "&timeoutSeconds=360");
}

/* Pods a and b at version 100; watches stay open. */
static void answer_well(struct world_server *server, const char *path, size_t nr,
			struct world_answer *ret)
{
	static char items[4096];

	(void)server;
	(void)nr;
	snprintf(items, sizeof(items), "%s,%s", json_pod("a"), json_pod("b"));
	*ret = (struct world_answer){.after_ms = 10, .status = 200};
	if (is_watch(path))
		ret->lasts_ms = -1;
	else
		ret->body = json_list("100", "", items);
}

static void refuse_connections(struct world_server *server, const char *path, size_t nr,
			       struct world_answer *ret)
{
	(void)server;
	(void)path;
	(void)nr;
	*ret = (struct world_answer){.after_ms = 1, .message = "connection refused"};
}

static void test_list_then_watch(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	assert_string_equal(pod_world_stats(world).source, "api");
	assert_false(pod_world_stats(world).synced);
	pod_world_run(world, 1000);
	assert_int_equal(world->api.nr_requests, 2);
	check_path(0, ANY);
	check_watch(1, "100");
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
	check_watch(2, "200");
	pod_world_run(world, 1000);
	pod_world_say(&world->api, json_event("MODIFIED", "b", "207"));
	pod_world_run(world, 10000);
	pod_world_hang_up(&world->api, "");
	check_watch(3, "207");
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
	check_not_older(2, "100");
	assert_near(world->api.requests[2].at_ms, world->now_ms, 0);
	pod_world_run(world, 100);
	check_watch(3, "100");
	expire();
	assert_int_equal(world->api.nr_requests, 4);
	pod_world_run(world, 2000);
	check_not_older(4, "100");
	assert_true(world->api.requests[4].at_ms - world->api.requests[3].at_ms >= 1000);
	check_watch(5, "100");
	pod_world_run(world, 10000); /* now it is well, and a list may come at once again */
	expire();
	assert_near(world->api.requests[6].at_ms, world->now_ms, 0);
	pod_world_run(world, 10000);
	pod_world_hang_up(&world->api, "");
	check_watch(8, "100"); /* and a watch is one again */
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
	check_not_older(2, "100");
	check_path(3, LATEST);
	check_watch(4, "50");
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
	check_path(2, LATEST);
	pod_world_run(world, 1000);
	check_watch(3, "100");
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
	check_path(0, ANY);
	pod_world_run(world, 1000);
	check_path(1, LATEST "&continue=t%2F1%3D");
	check_path(2, LATEST);
	check_path(3, LATEST "&continue=t%2F1%3D");
	check_watch(4, "100"); /* the first page's: nothing is missed */
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
	check_watch(world->api.nr_requests - 1, "130");
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
	check_watch(2, "130");
	pod_world_run(world, 199000);
	assert_int_equal(world->api.nr_requests, 3);
	pod_world_run(world, 2000);
	check_not_older(3, "130");
	check_watch(4, "100");
	pod_world_run(world, 5 * MINUTE); /* it sends none any more */
	assert_int_equal(world->api.nr_requests, 5);
	assert_int_equal(pod_world_stats(world).failures, 0);
	pod_world_end(world);
}

/* A watch that says nothing, not even bookmarks, ends by its timeout and some. */
static void test_half_closed(void **state)
{
	(void)state;
	pod_world_begin(world, answer_well, NULL);
	pod_world_run(world, 6 * MINUTE);
	assert_int_equal(world->api.nr_requests, 2);
	pod_world_run(world, MINUTE);
	assert_int_equal(world->api.nr_requests, 3);
	check_watch(2, "100");
	assert_int_equal(world->nr_reports, 0);
	pod_world_end(world);
}

static void answer_never(struct world_server *server, const char *path, size_t nr,
			 struct world_answer *ret)
{
	(void)server;
	(void)path;
	(void)nr;
	(void)ret;
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

static void forbid(struct world_server *server, const char *path, size_t nr,
		   struct world_answer *ret)
{
	(void)server;
	(void)path;
	(void)nr;
	*ret = (struct world_answer){
		.after_ms = 1, .status = 403, .message = "HTTP 403: pods is forbidden"};
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
	check_not_older(2, "101");
	check_watch(3, "100");
	assert_int_equal(pod_world_stats(world).failures, 1);
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
		cmocka_unit_test(test_list_then_watch),
		cmocka_unit_test(test_grace_ends_by_bookmarks),
		cmocka_unit_test(test_expired),
		cmocka_unit_test(test_version_from_the_future),
		cmocka_unit_test(test_versions_go_back),
		cmocka_unit_test(test_pages),
		cmocka_unit_test(test_endless_pages),
		cmocka_unit_test(test_broken_list_deletes_nothing),
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
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_no_sources),
	};

	return cmocka_run_group_tests_name("pod_watch", tests, NULL, NULL);
}
