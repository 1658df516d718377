/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The watch: each event moves the version on from which the next watch begins. A watch that merely
 * broke off goes on from there; when the version has expired (410), or when the watch's bytes or
 * its refusal make no sense, a list is made anew. So it is when versions go back, or nothing comes:
 * etcd was restored, and a watch from a version that is yet to come tells nothing until then.
 */
#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_api_parts.h"

#define WATCH_SECONDS_MIN 240       /* then the server ends it */
#define WATCH_SECONDS_SPREAD 240    /* by chance, or all nodes come back at once */
#define WATCH_TIMEOUT_MORE_MS 30000 /* then we do */
#define WATCH_ANSWER_MS 90000.0     /* a proxy may hold the answer until the first bookmark */
#define WATCH_SILENCE_MS 200000.0   /* of a server that sends bookmarks: one a minute */
#define SETTLED_MS 5000.0           /* a watch that has lived so long is one */

void pod_api_watch(struct pod_api *api)
{
	double chance = api->feed.driver.random01(api->feed.driver.context);
	unsigned int seconds = WATCH_SECONDS_MIN + chance * WATCH_SECONDS_SPREAD;
	struct buffer path = {};

	api->settled = api->bookmarked = false;
	api->error = (struct pod_answer){.retry_after_ms = -1};
	if (pod_api_watch_path(api->node_name, api->version, seconds, &path))
		pod_api_fail_by(api, "out of memory");
	else
		pod_api_request(api, API_WATCHING, (char *)path.data,
				seconds * 1000.0 + WATCH_TIMEOUT_MORE_MS);
	buffer_done(&path);
}

/* All is well: what failed before is forgotten. */
static void settle(struct pod_api *api)
{
	struct pod_feed *feed = &api->feed;

	if (api->settled || !feed->answered || pod_feed_now_ms(feed) - feed->began_ms < SETTLED_MS)
		return;
	api->settled = true;
	api->tried_at_once = false;
	feed->nr_failures = 0;
	pod_feed_tell(feed, POD_NEWS_SETTLED);
}

static double pause_ms(const struct pod_api *api)
{
	const struct pod_feed *feed = &api->feed;
	double at_ms = feed->heard_ms + WATCH_SILENCE_MS, left_ms;

	if (!feed->answered)
		at_ms = feed->began_ms + WATCH_ANSWER_MS;
	if (!api->settled)
		at_ms = feed->began_ms + SETTLED_MS;
	left_ms = at_ms - pod_feed_now_ms(feed);
	return left_ms > SETTLED_MS ? left_ms : SETTLED_MS;
}

/*
 * Nobody may be there any more; or etcd was restored, and its versions are behind ours; or nothing
 * happens in a small cluster. A list tells, from the server's cache, and is no failure.
 */
static void list_after_silence(struct pod_api *api)
{
	api->bookmarks = api->bookmarked;
	api->must_list = true;
	pod_api_go_on(api);
}

void pod_api_watch_check(struct pod_api *api)
{
	const struct pod_feed *feed = &api->feed;
	double silence_ms = pod_feed_now_ms(feed) - feed->heard_ms;

	settle(api);
	if (!feed->answered && silence_ms >= WATCH_ANSWER_MS)
		pod_api_fail_by(api, "the API server does not answer");
	else if (feed->answered && api->bookmarks && silence_ms >= WATCH_SILENCE_MS)
		list_after_silence(api);
	else
		pod_feed_arm(&api->feed, pause_ms(api));
}

/* What is no matter of the moment: a watch from this version will not do any better. */
static bool is_lasting(long status)
{
	return status >= 300 && status < 500 && status != 401 && status != 429;
}

/* In all its time, not even a bookmark: see list_after_silence. */
static bool said_nothing(const struct pod_feed *feed)
{
	return !feed->nr_bytes && pod_feed_now_ms(feed) - feed->began_ms >= WATCH_SILENCE_MS;
}

void pod_api_watch_done(struct pod_api *api, const struct pod_answer *answer)
{
	struct pod_feed *feed = &api->feed;
	const struct pod_answer *why = api->error.status ? &api->error : answer;

	settle(api);
	if (feed->fault || is_lasting(why->status) || said_nothing(feed))
		api->must_list = true;
	if (why->status == 410)
		pod_api_list_anew(api, why);
	else if (feed->fault || why->message[0])
		pod_api_fail(api, why);
	else if (!api->settled)
		pod_api_fail_by(api, "the API server ends each watch as soon as it begins");
	else
		pod_api_go_on(api);
}

/* Numbers, for every API server that there is; what is none cannot be compared. */
static bool is_older(const char *version, const char *than)
{
	size_t length = strspn(version, "0123456789"), length_than = strspn(than, "0123456789");

	if (!length || version[length] || than[length_than])
		return false;
	return length != length_than ? length < length_than : strcmp(version, than) < 0;
}

static int on_older_version(struct pod_api *api)
{
	api->from = POD_LIST_LATEST;
	api->error.status = 410;
	snprintf(api->error.message, sizeof(api->error.message),
		 "the watch goes back to an older version");
	return -ESTALE;
}

static int on_error(struct pod_api *api, const struct pod_event *event)
{
	api->error.status = event->code > 0 ? event->code : 500;
	snprintf(api->error.message, sizeof(api->error.message), "the watch ends with error %d: %s",
		 event->code, event->message);
	return -ESTALE;
}

int pod_api_watch_event(struct pod_api *api, struct pod_event *event)
{
	struct pod_feed *feed = &api->feed;
	__u64 now_ns = pod_feed_now_ns(feed);
	int r = 0;

	feed->options.stats->events++;
	if (is_older(event->resource_version, api->version))
		return on_older_version(api);
	switch (event->type) {
	case POD_EVENT_ADDED:
	case POD_EVENT_MODIFIED:
		r = pod_feed_put(feed, event);
		break;
	case POD_EVENT_DELETED:
		if (event->pod)
			pods_delete(feed->options.pods, event->pod->uid, now_ns);
		break;
	case POD_EVENT_BOOKMARK:
		api->bookmarked = api->bookmarks = true;
		pods_expire(feed->options.pods, now_ns);
		break;
	case POD_EVENT_ERROR:
		return on_error(api, event);
	case POD_EVENT_ITEM:
		break;
	}
	if (!r && event->resource_version[0])
		memcpy(api->version, event->resource_version, sizeof(api->version));
	return r;
}
