/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One list after the other; a list whose bytes break off deletes nothing. */
#include "identity/kubernetes/pod_kubelet.h"

#include <errno.h>

#define LIST_TIMEOUT_MS 60000.0
#define LIST_SILENCE_MS 15000.0 /* no byte for so long: given up */
#define HURRY_MS 1000.0         /* between two lists, at least */

enum kubelet_state { KUBELET_OFF, KUBELET_WAITING, KUBELET_BACKING_OFF, KUBELET_LISTING };

struct pod_kubelet {
	struct pod_feed feed; /* the first: a feed is the kubelet that it is of */
	double interval_ms;
	enum kubelet_state state;
	bool hurry; /* after the list under way */
};

static struct pod_kubelet *of_feed(struct pod_feed *feed)
{
	return (struct pod_kubelet *)feed;
}

struct pod_feed *pod_kubelet_feed(struct pod_kubelet *kubelet)
{
	return &kubelet->feed;
}

static void list(struct pod_kubelet *kubelet)
{
	kubelet->state = KUBELET_LISTING;
	kubelet->hurry = false;
	if (pod_feed_request(&kubelet->feed, POD_STREAM_LIST, "/pods", LIST_TIMEOUT_MS,
			     POD_FEED_MAX_LIST_BYTES))
		pod_feed_arm(&kubelet->feed, LIST_SILENCE_MS);
	else
		kubelet->state = KUBELET_BACKING_OFF;
}

static void wait_for_next(struct pod_kubelet *kubelet, double interval_ms)
{
	double next_ms = kubelet->feed.began_ms + interval_ms;

	kubelet->state = KUBELET_WAITING;
	pod_feed_arm(&kubelet->feed, next_ms - pod_feed_now_ms(&kubelet->feed));
}

static void end_list(struct pod_kubelet *kubelet)
{
	struct pod_feed *feed = &kubelet->feed;

	pods_end_list(feed->options.pods, pod_feed_now_ns(feed));
	feed->options.stats->lists++;
	feed->options.stats->synced = true;
	feed->nr_failures = 0;
	wait_for_next(kubelet, kubelet->hurry ? HURRY_MS : kubelet->interval_ms);
	pod_feed_tell(feed, POD_NEWS_LISTED);
	pod_feed_tell(feed, POD_NEWS_SETTLED);
}

static void on_done(struct pod_feed *feed, const struct pod_answer *answer)
{
	struct pod_kubelet *kubelet = of_feed(feed);
	bool failed = feed->fault || answer->message[0];

	if (!failed && pod_stream_complete(feed->stream)) {
		end_list(kubelet);
		return;
	}
	kubelet->state = KUBELET_BACKING_OFF;
	if (failed)
		pod_feed_fail(feed, answer);
	else
		pod_feed_fail_by(feed, "the list of pods breaks off");
}

static void on_answered(struct pod_feed *feed)
{
	pods_begin_list(feed->options.pods);
}

static int on_event(struct pod_feed *feed, struct pod_event *event)
{
	int r = pod_feed_put(feed, event);

	pod_free(TAKE_PTR(event->pod));
	return r;
}

static void on_wake(struct pod_feed *feed)
{
	struct pod_kubelet *kubelet = of_feed(feed);
	double silent_ms = pod_feed_now_ms(feed) - feed->heard_ms;

	if (kubelet->state != KUBELET_LISTING) {
		list(kubelet);
	} else if (silent_ms < LIST_SILENCE_MS) {
		pod_feed_arm(feed, LIST_SILENCE_MS - silent_ms);
	} else {
		kubelet->state = KUBELET_BACKING_OFF;
		pod_feed_fail_by(feed, feed->answered ? "the kubelet has fallen silent"
						      : "the kubelet does not answer");
	}
}

int pod_kubelet_new(const struct pod_driver *driver, const struct pod_feed_options *options,
		    double interval_ms, struct pod_kubelet **ret_kubelet)
{
	static const struct pod_feed_ops ops = {
		.wake = on_wake,
		.answered = on_answered,
		.event = on_event,
		.done = on_done,
	};
	struct pod_kubelet *kubelet = calloc(1, sizeof(*kubelet));

	if (!kubelet) {
		driver->free(driver->context);
		return -ENOMEM;
	}
	kubelet->interval_ms = interval_ms;
	pod_feed_init(&kubelet->feed, &ops, driver, options);
	*ret_kubelet = kubelet;
	return 0;
}

void pod_kubelet_free(struct pod_kubelet *kubelet)
{
	if (!kubelet)
		return;
	pod_feed_done_with(&kubelet->feed);
	free(kubelet);
}

void pod_kubelet_start(struct pod_kubelet *kubelet)
{
	if (kubelet->state == KUBELET_OFF)
		list(kubelet);
}

void pod_kubelet_stop(struct pod_kubelet *kubelet)
{
	kubelet->state = KUBELET_OFF;
	pod_feed_stop(&kubelet->feed);
}

/* Not while it fails: it would fail sooner, no more. */
void pod_kubelet_hurry(struct pod_kubelet *kubelet)
{
	if (kubelet->state == KUBELET_LISTING)
		kubelet->hurry = true;
	else if (kubelet->state == KUBELET_WAITING && HURRY_MS < kubelet->interval_ms)
		wait_for_next(kubelet, HURRY_MS);
}
