/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A request's bytes into the store, and the wait after a failure. */
#include "identity/kubernetes/pod_feed.h"

#include <errno.h>
#include <string.h>

#include "identity/kubernetes/pod_backoff.h"

void pod_feed_init(struct pod_feed *feed, const struct pod_feed_ops *ops,
		   const struct pod_driver *driver, const struct pod_feed_options *options)
{
	feed->ops = ops;
	feed->driver = *driver;
	feed->options = *options;
	driver->attach(driver->context, feed);
}

void pod_feed_done_with(struct pod_feed *feed)
{
	pod_feed_stop(feed);
	feed->driver.free(feed->driver.context);
}

double pod_feed_now_ms(const struct pod_feed *feed)
{
	return feed->driver.now_ms(feed->driver.context);
}

__u64 pod_feed_now_ns(const struct pod_feed *feed)
{
	return pod_feed_now_ms(feed) * 1e6;
}

void pod_feed_arm(struct pod_feed *feed, double delay_ms)
{
	feed->driver.arm(feed->driver.context, delay_ms > 0 ? delay_ms : 0);
}

static void free_stream(struct pod_feed *feed)
{
	pod_stream_free(TAKE_PTR(feed->stream));
	feed->nr_bad = 0;
}

void pod_feed_stop(struct pod_feed *feed)
{
	feed->driver.stop(feed->driver.context);
	free_stream(feed);
}

void pod_feed_tell(struct pod_feed *feed, enum pod_news_kind kind)
{
	const struct pod_news news = {.kind = kind, .message = ""};

	feed->options.news(feed, &news, feed->options.context);
}

void pod_feed_fail(struct pod_feed *feed, const struct pod_answer *answer)
{
	const struct pod_news news = {
		.kind = POD_NEWS_FAILED,
		.status = answer->status,
		.message = feed->fault ? feed->fault : answer->message,
	};
	double chance = feed->driver.random01(feed->driver.context);

	pod_feed_stop(feed);
	feed->options.stats->failures++;
	feed->nr_failures++;
	pod_feed_arm(feed, pod_backoff_ms(feed->nr_failures, chance, answer->retry_after_ms));
	feed->options.news(feed, &news, feed->options.context);
}

void pod_feed_fail_by(struct pod_feed *feed, const char *message)
{
	struct pod_answer answer = {.retry_after_ms = -1};

	snprintf(answer.message, sizeof(answer.message), "%s", message);
	pod_feed_fail(feed, &answer);
}

static int on_event(struct pod_event *event, void *context)
{
	struct pod_feed *feed = context;

	return feed->ops->event(feed, event);
}

static int start(struct pod_feed *feed, enum pod_stream_kind kind, const char *path,
		 double timeout_ms, char *error)
{
	int r = pod_stream_new(kind, &feed->options.parse, on_event, feed, &feed->stream);

	snprintf(error, POD_WATCH_ERROR_LEN, "cannot begin a request: %s", strerror(-r));
	return r ? r : feed->driver.start(feed->driver.context, path, timeout_ms, error);
}

bool pod_feed_request(struct pod_feed *feed, enum pod_stream_kind kind, const char *path,
		      double timeout_ms, size_t max_bytes)
{
	char error[POD_WATCH_ERROR_LEN];

	pod_feed_stop(feed);
	feed->answered = false;
	feed->began_ms = feed->heard_ms = pod_feed_now_ms(feed);
	feed->max_bytes = max_bytes;
	feed->nr_bytes = 0;
	feed->fault = NULL;
	feed->options.stats->requests++;
	if (!start(feed, kind, path, timeout_ms, error))
		return true;
	pod_feed_fail_by(feed, error);
	return false;
}

int pod_feed_put(struct pod_feed *feed, struct pod_event *event)
{
	int r;

	if (!event->pod)
		return 0;
	r = pods_put(feed->options.pods, TAKE_PTR(event->pod), pod_feed_now_ns(feed));
	return r == -ENOMEM ? r : 0; /* one that has no room is counted by the store */
}

void pod_feed_wake(struct pod_feed *feed)
{
	feed->ops->wake(feed);
}

void pod_feed_answered(struct pod_feed *feed)
{
	feed->answered = true;
	feed->heard_ms = pod_feed_now_ms(feed);
	feed->ops->answered(feed);
}

static void count_bad(struct pod_feed *feed)
{
	unsigned long long nr_bad = pod_stream_bad(feed->stream);

	feed->options.stats->bad += nr_bad - feed->nr_bad;
	feed->nr_bad = nr_bad;
}

int pod_feed_bytes(struct pod_feed *feed, const void *bytes, size_t nr_bytes)
{
	int r;

	feed->heard_ms = pod_feed_now_ms(feed);
	feed->nr_bytes += nr_bytes;
	if (feed->max_bytes && feed->nr_bytes > feed->max_bytes) {
		feed->fault = "the list of pods is larger than loopscope takes (256 MB)";
		return -EFBIG;
	}
	r = pod_stream_feed(feed->stream, bytes, nr_bytes);
	count_bad(feed);
	if (r == -ENOMEM)
		feed->fault = "out of memory";
	else if (r && r != -ESTALE && *pod_stream_error(feed->stream))
		feed->fault = pod_stream_error(feed->stream);
	return r;
}

void pod_feed_done(struct pod_feed *feed, const struct pod_answer *answer)
{
	feed->ops->done(feed, answer);
}
