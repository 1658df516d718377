/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state machine of list and watch: one request at a time, and what comes of it goes to the list
 * (pod_api_list.c) or the watch (pod_api_watch.c) that it is of.
 */
#include "identity/kubernetes/pod_api.h"

#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_api_parts.h"

static struct pod_api *of_feed(struct pod_feed *feed)
{
	return (struct pod_api *)feed;
}

struct pod_feed *pod_api_feed(struct pod_api *api)
{
	return &api->feed;
}

void pod_api_list_next(struct pod_api *api)
{
	api->must_list = true;
}

void pod_api_fail(struct pod_api *api, const struct pod_answer *answer)
{
	api->state = API_WAITING;
	pod_feed_fail(&api->feed, answer);
}

void pod_api_fail_by(struct pod_api *api, const char *message)
{
	api->state = API_WAITING;
	pod_feed_fail_by(&api->feed, message);
}

void pod_api_go_on(struct pod_api *api)
{
	if (api->must_list || !api->version[0])
		pod_api_list(api);
	else
		pod_api_watch(api);
}

/* Looks after the request under way, and will again. */
static void check(struct pod_api *api)
{
	if (api->state == API_WATCHING)
		pod_api_watch_check(api);
	else
		pod_api_list_check(api);
}

void pod_api_request(struct pod_api *api, enum api_state state, const char *path, double timeout_ms)
{
	bool list = state == API_LISTING;
	enum pod_stream_kind kind = list ? POD_STREAM_LIST : POD_STREAM_WATCH;
	size_t max_bytes = list ? POD_FEED_MAX_LIST_BYTES - api->nr_bytes : 0;

	api->state = state;
	if (pod_feed_request(&api->feed, kind, path, timeout_ms, max_bytes))
		check(api);
	else
		api->state = API_WAITING;
}

static void on_wake(struct pod_feed *feed)
{
	struct pod_api *api = of_feed(feed);

	if (api->state == API_WAITING)
		pod_api_go_on(api);
	else
		check(api);
}

static void on_answered(struct pod_feed *feed)
{
	struct pod_api *api = of_feed(feed);

	if (api->state == API_LISTING)
		pod_api_list_answered(api);
}

static int on_event(struct pod_feed *feed, struct pod_event *event)
{
	struct pod_api *api = of_feed(feed);
	int r;

	if (api->state == API_LISTING)
		r = pod_feed_put(feed, event);
	else
		r = pod_api_watch_event(api, event);
	pod_free(TAKE_PTR(event->pod));
	return r;
}

static void on_done(struct pod_feed *feed, const struct pod_answer *answer)
{
	struct pod_api *api = of_feed(feed);

	if (api->state == API_LISTING)
		pod_api_list_done(api, answer);
	else
		pod_api_watch_done(api, answer);
}

int pod_api_new(const struct pod_driver *driver, const struct pod_feed_options *options,
		const char *node_name, struct pod_api **ret_api)
{
	static const struct pod_feed_ops ops = {
		.wake = on_wake,
		.answered = on_answered,
		.event = on_event,
		.done = on_done,
	};
	struct pod_api *api = calloc(1, sizeof(*api));

	if (api)
		api->node_name = strdup(node_name);
	if (!api || !api->node_name) {
		free(api);
		driver->free(driver->context);
		return -ENOMEM;
	}
	pod_feed_init(&api->feed, &ops, driver, options);
	*ret_api = api;
	return 0;
}

void pod_api_free(struct pod_api *api)
{
	if (!api)
		return;
	pod_feed_done_with(&api->feed);
	pod_api_free_list(api);
	free(api->node_name);
	free(api);
}

void pod_api_start(struct pod_api *api)
{
	pod_api_list(api);
}
