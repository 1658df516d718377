/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Lists of this node's pods, page by page.
 *
 * The first one takes what the server has in its cache, so that a fleet that starts does not burden
 * etcd: it may be old, but the watch from its version on tells what has changed since. Later ones
 * ask for nothing older than what was seen, or pods that are gone would come back. A server that
 * does not have that version (etcd was restored, its cache lags, the version is too old) is asked
 * for the latest.
 */
#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_api_parts.h"

#define LIST_TIMEOUT_MS 120000.0 /* of one page */
#define LIST_SILENCE_MS 15000.0  /* no byte for so long: given up */
#define MAX_PAGES 2000

void pod_api_free_list(struct pod_api *api)
{
	free(TAKE_PTR(api->token));
	api->nr_pages = 0;
	api->nr_bytes = 0;
}

static void list_page(struct pod_api *api)
{
	struct buffer path = {};

	api->nr_pages++;
	if (pod_api_list_path(api->node_name, api->from, api->version, api->token ?: "", &path))
		pod_api_fail_by(api, "out of memory");
	else
		pod_api_request(api, API_LISTING, (char *)path.data, LIST_TIMEOUT_MS);
	buffer_done(&path);
}

void pod_api_list(struct pod_api *api)
{
	pod_api_free_list(api);
	list_page(api);
}

void pod_api_list_anew(struct pod_api *api, const struct pod_answer *why)
{
	api->must_list = true;
	if (api->tried_at_once) {
		pod_api_fail(api, why);
		return;
	}
	api->tried_at_once = true;
	api->feed.options.stats->failures++;
	pod_api_list(api);
}

void pod_api_list_check(struct pod_api *api)
{
	struct pod_feed *feed = &api->feed;
	double left_ms = feed->heard_ms + LIST_SILENCE_MS - pod_feed_now_ms(feed);

	if (left_ms > 0)
		pod_feed_arm(feed, left_ms);
	else
		pod_api_fail_by(api, feed->answered ? "the API server has fallen silent"
						    : "the API server does not answer");
}

/* Others leave the store alone from the first page's answer on, until the list ends or fails. */
void pod_api_list_answered(struct pod_api *api)
{
	if (api->nr_pages != 1)
		return;
	pod_feed_tell(&api->feed, POD_NEWS_RECEIVING);
	pods_begin_list(api->feed.options.pods);
}

/* Does it say that the server cannot have the version that we ask for? */
static bool is_of_version(const struct pod_answer *answer)
{
	return answer->status == 410 || answer->status == 504 || answer->status == 400;
}

static void fail(struct pod_api *api, const struct pod_answer *answer)
{
	bool versioned = api->token || api->from == POD_LIST_NOT_OLDER;

	if (versioned && is_of_version(answer)) {
		api->from = POD_LIST_LATEST;
		pod_api_list_anew(api, answer);
	} else {
		pod_api_fail(api, answer);
	}
}

static void next_page(struct pod_api *api, const char *token)
{
	char *copy;

	api->nr_bytes += api->feed.nr_bytes;
	if (api->nr_pages >= MAX_PAGES || api->nr_bytes >= POD_FEED_MAX_LIST_BYTES) {
		pod_api_fail_by(api, "the list of pods has no end");
		return;
	}
	copy = strdup(token);
	if (!copy) {
		pod_api_fail_by(api, "out of memory");
		return;
	}
	free(api->token);
	api->token = copy;
	list_page(api);
}

static void end_list(struct pod_api *api)
{
	struct pod_feed *feed = &api->feed;

	memcpy(api->version, api->list_version, sizeof(api->version));
	pod_api_free_list(api);
	api->from = POD_LIST_NOT_OLDER;
	api->must_list = false;
	pods_end_list(feed->options.pods, pod_feed_now_ns(feed));
	feed->options.stats->lists++;
	feed->options.stats->synced = true;
	pod_feed_tell(feed, POD_NEWS_LISTED);
	pod_api_watch(api);
}

void pod_api_list_done(struct pod_api *api, const struct pod_answer *answer)
{
	const struct pod_stream *stream = api->feed.stream;

	if (answer->message[0] || api->feed.fault) {
		fail(api, answer);
		return;
	}
	if (!pod_stream_complete(stream)) {
		pod_api_fail_by(api, "the list of pods breaks off");
		return;
	}
	if (api->nr_pages == 1)
		snprintf(api->list_version, sizeof(api->list_version), "%s",
			 pod_stream_resource_version(stream));
	if (*pod_stream_continue(stream))
		next_page(api, pod_stream_continue(stream));
	else if (!api->list_version[0])
		pod_api_fail_by(api, "the list of pods has no resourceVersion");
	else
		end_list(api);
}
