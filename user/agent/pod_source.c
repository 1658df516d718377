/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Changes are told of together: a list brings hundreds at once. */
#include "agent/pod_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/groups.h"
#include "agent/pod_options.h"
#include "base/clock.h"
#include "base/event_time.h"
#include "base/log.h"

#define NS_PER_MS 1e6
#define CHANGED_DELAY_MS 50.0
#define EXPIRE_EVERY_MS 30000.0

struct pod_source {
	sd_event *event;
	const struct settings *settings;
	struct pods *pods;
	struct pod_watch *watch; /* NULL: nobody is asked */
	__u64 told_refused;      /* when it was last said that there is no room */
	bool renewed, relisted;  /* by new settings: the watch, and then what it has listed */
	sd_event_source *changed_timer, *expire_timer;
	pod_source_changed_fn changed;
	void *context;
};

DEFINE_CLEANUP(struct pod_source *, pod_source_free)

void pod_source_free(struct pod_source *source)
{
	if (!source)
		return;
	pod_watch_free(source->watch);
	sd_event_source_unref(source->changed_timer);
	sd_event_source_unref(source->expire_timer);
	pods_free(source->pods);
	sd_event_unref(source->event);
	free(source);
}

static bool wants_annotation(const char *key, void *context)
{
	const struct pod_source *source = context;

	return pod_options_want_annotation(&source->settings->kubernetes, key);
}

static void tell_soon(const struct pod_source *source)
{
	if (!event_is_armed(source->changed_timer))
		event_arm(source->changed_timer, CHANGED_DELAY_MS);
}

static void on_pod_changed(const struct pod *pod, void *context)
{
	(void)pod;
	tell_soon(context);
}

/* Said again when it is twice as many. */
static void tell_of_refused(struct pod_source *source)
{
	struct pods_counts counts;

	pods_counts(source->pods, &counts);
	if (counts.refused <= 2 * source->told_refused)
		return;
	source->told_refused = counts.refused;
	log_warning("there is no room for all pods of this node, of which %zu are known: loops in "
		    "the others are exported without them; raise kubernetes.max_pods, and restart",
		    counts.pods);
}

static void on_synced(void *context)
{
	struct pod_source *source = context;

	tell_of_refused(source);
	if (!source->renewed)
		return;
	source->renewed = false;
	source->relisted = true;
	tell_soon(source);
}

static int on_changed_timer(sd_event_source *timer, uint64_t due_us, void *context)
{
	struct pod_source *source = context;
	bool relisted = source->relisted;

	(void)timer;
	(void)due_us;
	source->relisted = false;
	source->changed(relisted, source->context);
	return 0;
}

static int on_expire_timer(sd_event_source *timer, uint64_t due_us, void *context)
{
	struct pod_source *source = context;

	(void)due_us;
	pods_expire(source->pods, clock_monotonic_ns());
	tell_of_refused(source);
	return event_arm(timer, EXPIRE_EVERY_MS);
}

static void report(const char *message, bool failed, void *context)
{
	(void)context;
	if (failed)
		log_warning("%s", message);
	else
		log_info("%s", message);
}

static int new_watch(struct pod_source *source, const struct settings *settings,
		     struct pod_watch **ret_watch, char *error)
{
	const struct pod_watch_options options = {
		.settings = &settings->kubernetes,
		.pods = source->pods,
		.parse = {wants_annotation, source},
		.report = report,
		.synced = on_synced,
		.context = source,
	};

	const struct kubernetes_settings *kubernetes = &settings->kubernetes;
	int r;

	*ret_watch = NULL;
	if (kubernetes->pods == PODS_FROM_NONE)
		return 0;
	r = pod_watch_new(source->event, &options, ret_watch, error);
	if (r != -EINVAL || kubernetes->pods != PODS_FROM_AUTO || *kubernetes->kubeconfig)
		return r;
	/* nobody has asked for it in so many words: loops are watched without */
	log_warning("pods are not known: %s", error);
	return 0;
}

static bool is_asking(const struct pod_source *source)
{
	struct pod_watch_stats stats;

	if (!source->watch)
		return false;
	pod_watch_stats(source->watch, &stats);
	return strcmp(stats.source, "none") != 0;
}

/* What is left out for that is otherwise not told: it is as if nobody was there. */
static void warn_of_targets(const struct pod_source *source, const struct settings *settings)
{
	if (!is_asking(source) && groups_ask_pods(settings))
		log_warning("targets by namespace, pod, pod_labels or container_name match "
			    "nothing: nobody here tells of pods; set kubernetes.kubeconfig, or "
			    "kubernetes.pods to kubelet");
}

int pod_source_set_settings(struct pod_source *source, const struct settings *settings, char *error)
{
	struct pod_watch *watch;
	int r = new_watch(source, settings, &watch, error);

	if (r)
		return r;
	pod_watch_free(source->watch);
	source->watch = watch;
	source->settings = settings;
	source->renewed = true;
	warn_of_targets(source, settings);
	return 0;
}

static int add_timers(struct pod_source *source)
{
	return event_add_timer(source->event, on_changed_timer, source, &source->changed_timer)
		       ?: event_add_timer(source->event, on_expire_timer, source,
					  &source->expire_timer)
		       ?: event_arm(source->expire_timer, EXPIRE_EVERY_MS);
}

int pod_source_new(sd_event *event, const struct settings *settings, pod_source_changed_fn changed,
		   void *context, struct pod_source **ret_source, char *error)
{
	_cleanup_(pod_source_freep) struct pod_source *source = calloc(1, sizeof(*source));
	const struct pods_options options = {
		.max_pods = settings->kubernetes.max_pods,
		.max_bytes = PODS_MAX_BYTES,
		.grace_ns = (__u64)(settings->kubernetes.grace_ms * NS_PER_MS),
		.changed = on_pod_changed,
		.context = source,
	};
	int r;

	snprintf(error, POD_WATCH_ERROR_LEN, "out of memory");
	if (!source)
		return -ENOMEM;
	source->event = sd_event_ref(event);
	source->changed = changed;
	source->context = context;
	source->settings = settings;
	r = pods_new(&options, &source->pods) ?: add_timers(source)
		    ?: new_watch(source, settings, &source->watch, error);
	if (r)
		return r;
	warn_of_targets(source, settings);
	*ret_source = TAKE_PTR(source);
	return 0;
}

const struct pods *pod_source_pods(const struct pod_source *source)
{
	return is_asking(source) ? source->pods : NULL;
}

void pod_source_hurry(struct pod_source *source)
{
	if (source->watch)
		pod_watch_hurry(source->watch);
}

void pod_source_stats(const struct pod_source *source, struct pod_watch_stats *ret_stats,
		      struct pods_counts *ret_counts)
{
	*ret_stats = (struct pod_watch_stats){.source = "none"};
	if (source->watch)
		pod_watch_stats(source->watch, ret_stats);
	pods_counts(source->pods, ret_counts);
}
