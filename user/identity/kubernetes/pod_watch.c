/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which source is in use, and what an operator is told. The API server is asked for good; where
 * there is a kubelet, too, that is asked while the API server lets us down, and left as soon as a
 * list comes from the latter. A failure is told of once it lasts, and once it is over.
 */
#include "identity/kubernetes/pod_watch.h"

#include <errno.h>

#include "base/clock.h"
#include "identity/kubernetes/pod_api.h"
#include "identity/kubernetes/pod_kubelet.h"
#include "identity/kubernetes/pod_watch_parts.h"

#define LASTING_MS 10000.0

/* A failure, from the first request that failed until all is well. */
struct trouble {
	bool on, reported;
	double since_ms;
	char since[CLOCK_TEXT_LEN];
	char message[POD_WATCH_ERROR_LEN]; /* as reported */
};

struct pod_watch {
	struct pod_watch_options options;
	struct pod_watch_stats stats;
	struct pod_api *api;         /* NULL: not asked */
	struct pod_kubelet *kubelet; /* likewise */
	bool in_kubelets_hands;      /* the API server has let us down */
	struct trouble api_trouble, kubelet_trouble;
};

static bool is_api(const struct pod_watch *watch, const struct pod_feed *feed)
{
	return watch->api && feed == pod_api_feed(watch->api);
}

static struct trouble *trouble_of(struct pod_watch *watch, const struct pod_feed *feed)
{
	return is_api(watch, feed) ? &watch->api_trouble : &watch->kubelet_trouble;
}

static void set_source(struct pod_watch *watch)
{
	watch->stats.source = "none";
	if (watch->api && !watch->in_kubelets_hands)
		watch->stats.source = "api";
	else if (watch->kubelet)
		watch->stats.source = "kubelet";
}

/* What to do about it, for an answer that says so. */
static const char *advice(bool api, long status)
{
	if (api && status == 401)
		return "; check that the token or certificate is of this cluster and still valid";
	if (api && status == 403)
		return "; let this account get, list and watch pods (configs/kubernetes has a "
		       "role)";
	if (status == 401)
		return "; the kubelet wants a token or client certificate that it knows";
	if (status == 403)
		return "; let this account get nodes/pods (before Kubernetes 1.33: nodes/proxy)";
	return "";
}

static void describe(const struct pod_watch *watch, const struct pod_feed *feed,
		     const struct pod_news *news, struct trouble *trouble)
{
	bool api = is_api(watch, feed);

	pod_watch_text(trouble->message,
		       "cannot get the pods of this node from the %s %.100s since %s: %.250s%s",
		       api ? "API server" : "kubelet", feed->driver.server, trouble->since,
		       news->message, advice(api, news->status));
}

/* A kubelet that does not help either is no news by itself: the API server is what is wrong. */
static void report_failure(struct pod_watch *watch, const struct pod_feed *feed,
			   const struct pod_news *news)
{
	struct trouble *trouble = trouble_of(watch, feed);
	char message[POD_WATCH_ERROR_LEN];

	describe(watch, feed, news, trouble);
	if (!watch->api || !watch->kubelet)
		pod_watch_text(message, "%s", trouble->message);
	else if (is_api(watch, feed))
		pod_watch_text(message, "%.700s; the kubelet is asked meanwhile", trouble->message);
	else
		pod_watch_text(message, "%.620s; nor from the kubelet %.60s: %s",
			       watch->api_trouble.message, feed->driver.server, news->message);
	watch->options.report(message, true, watch->options.context);
}

static void report_end(struct pod_watch *watch, const struct pod_feed *feed)
{
	char message[POD_WATCH_ERROR_LEN];

	pod_watch_text(message, "pods of this node come from the %s %.100s now, after %.0f s",
		       is_api(watch, feed) ? "API server" : "kubelet", feed->driver.server,
		       (pod_feed_now_ms(feed) - trouble_of(watch, feed)->since_ms) / 1000);
	watch->options.report(message, false, watch->options.context);
}

/* One that will not pass by itself need not be waited for, but a token may just have rotated. */
static bool is_lasting(const struct pod_watch *watch, const struct pod_feed *feed,
		       const struct trouble *trouble, long status)
{
	if (watch->options.impatient)
		return true;
	if (status == 401 || status == 403)
		return feed->nr_failures > 1;
	return pod_feed_now_ms(feed) - trouble->since_ms >= LASTING_MS;
}

static void fall_back(struct pod_watch *watch)
{
	if (!watch->kubelet)
		return;
	watch->in_kubelets_hands = true;
	pod_api_list_next(watch->api);
	pod_kubelet_start(watch->kubelet);
}

static void on_failed(struct pod_watch *watch, struct pod_feed *feed, const struct pod_news *news)
{
	struct trouble *trouble = trouble_of(watch, feed);

	if (!trouble->on) {
		*trouble = (struct trouble){
			.on = true,
			.since_ms = feed->answered ? pod_feed_now_ms(feed) : feed->began_ms,
		};
		clock_text(clock_unix_ns(), trouble->since);
	}
	if (!is_lasting(watch, feed, trouble, news->status))
		return;
	if (!trouble->reported) {
		trouble->reported = true;
		report_failure(watch, feed, news);
	}
	if (is_api(watch, feed))
		fall_back(watch);
}

static void on_settled(struct pod_watch *watch, struct pod_feed *feed)
{
	struct trouble *trouble = trouble_of(watch, feed);

	if (trouble->reported)
		report_end(watch, feed);
	*trouble = (struct trouble){};
}

static void on_receiving(struct pod_watch *watch)
{
	if (watch->kubelet)
		pod_kubelet_stop(watch->kubelet);
}

static void on_listed(struct pod_watch *watch, const struct pod_feed *feed)
{
	if (is_api(watch, feed)) {
		watch->in_kubelets_hands = false;
		watch->kubelet_trouble = (struct trouble){};
	}
	if (watch->options.synced)
		watch->options.synced(watch->options.context);
}

static void on_news(struct pod_feed *feed, const struct pod_news *news, void *context)
{
	struct pod_watch *watch = context;

	switch (news->kind) {
	case POD_NEWS_RECEIVING:
		on_receiving(watch);
		break;
	case POD_NEWS_LISTED:
		on_listed(watch, feed);
		break;
	case POD_NEWS_SETTLED:
		on_settled(watch, feed);
		break;
	case POD_NEWS_FAILED:
		on_failed(watch, feed, news);
		break;
	}
	set_source(watch);
}

static int make_feeds(struct pod_watch *watch, const struct pod_watch_drivers *drivers)
{
	const struct kubernetes_settings *settings = watch->options.settings;
	const struct pod_feed_options options = {
		.pods = watch->options.pods,
		.parse = watch->options.parse,
		.stats = &watch->stats,
		.news = on_news,
		.context = watch,
	};
	int r = 0, r2 = 0;

	if (drivers->has_api)
		r = pod_api_new(&drivers->api, &options, settings->node_name, &watch->api);
	if (drivers->has_kubelet)
		r2 = pod_kubelet_new(&drivers->kubelet, &options, settings->kubelet_interval_ms,
				     &watch->kubelet);
	return r ? r : r2;
}

int pod_watch_new_driven(const struct pod_watch_options *options,
			 const struct pod_watch_drivers *drivers, struct pod_watch **ret_watch)
{
	struct pod_watch *watch = calloc(1, sizeof(*watch));
	int r;

	if (!watch) {
		if (drivers->has_api)
			drivers->api.free(drivers->api.context);
		if (drivers->has_kubelet)
			drivers->kubelet.free(drivers->kubelet.context);
		return -ENOMEM;
	}
	watch->options = *options;
	r = make_feeds(watch, drivers);
	if (r) {
		pod_watch_free(watch);
		return r;
	}
	set_source(watch);
	if (watch->api)
		pod_api_start(watch->api);
	else if (watch->kubelet)
		pod_kubelet_start(watch->kubelet);
	*ret_watch = watch;
	return 0;
}

int pod_watch_new(sd_event *event, const struct pod_watch_options *options,
		  struct pod_watch **ret_watch, char *error)
{
	struct pod_watch_drivers drivers;
	int r = pod_watch_drivers_new(event, options->settings, &drivers, error);

	return r ? r : pod_watch_new_driven(options, &drivers, ret_watch);
}

void pod_watch_free(struct pod_watch *watch)
{
	if (!watch)
		return;
	pod_api_free(watch->api);
	pod_kubelet_free(watch->kubelet);
	free(watch);
}

void pod_watch_hurry(struct pod_watch *watch)
{
	if (watch->kubelet)
		pod_kubelet_hurry(watch->kubelet);
}

void pod_watch_stats(const struct pod_watch *watch, struct pod_watch_stats *ret_stats)
{
	*ret_stats = watch->stats;
}
