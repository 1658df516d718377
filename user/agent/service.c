/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One tick an export interval: collect, compare with thresholds, close the
 * interval, export. Between ticks a collection is made when somebody scrapes, when
 * new loops need a policy, and while a group has a threshold on the age of stalls.
 */
#include "agent/service_parts.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>

#include "agent/capabilities.h"
#include "agent/clocks.h"
#include "base/event_time.h"
#include "base/log.h"
#include "observe/privilege.h"

#define US_PER_MS 1000
#define NEWS_DELAY_MS 1000.0 /* new loops that come together are told of together */
#define MIN_LOOK_MS 1000.0
#define HURRY_EVERY_MS 1000.0

static void service_done(struct service *service)
{
	http_server_free(service->http);
	stall_watch_free(service->watch);
	log_shipper_free(service->logs);
	profile_shipper_free(service->profiles);
	shipper_free(service->shipper);
	sd_event_source_unref(service->tick);
	sd_event_source_unref(service->news);
	sd_event_source_unref(service->look);
	sd_event_source_unref(service->hurry);
	sd_event_unref(service->event);
	collector_free(service->collector);
	pod_source_free(service->pods);
	if (service->started != service->settings)
		settings_free(service->started);
	settings_free(service->settings);
}

static __u64 now_us(const struct service *service)
{
	uint64_t now = 0;

	sd_event_now(service->event, CLOCK_MONOTONIC, &now);
	return now;
}

static int arm(sd_event_source *source, __u64 when_us)
{
	int r = sd_event_source_set_time(source, when_us);

	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

void service_collect(struct service *service)
{
	int r = collector_collect(service->collector);

	if (r) {
		log_error("reading the kernel's records: %s", strerror(-r));
		return;
	}
	service->collected_ns = clock_monotonic_ns();
	alerts_check_now(&service->alerts, service->settings,
			 collector_registry(service->collector));
}

static void end_interval(struct service *service)
{
	service_collect(service);
	alerts_check_interval(&service->alerts, service->settings,
			      collector_registry(service->collector));
	collector_end_interval(service->collector);
	if (service->watch)
		stall_watch_end_interval(service->watch);
	service->interval_complete = true;
}

static __u64 interval_us_of(const struct service *service)
{
	return (__u64)(service->settings->export_interval_ms * US_PER_MS);
}

int service_arm_tick(struct service *service)
{
	service->tick_us = now_us(service) + interval_us_of(service);
	return arm(service->tick, service->tick_us);
}

static int on_tick(sd_event_source *source, uint64_t due_us, void *context)
{
	struct service *service = context;

	(void)due_us;
	end_interval(service);
	if (shipper_busy(service->shipper))
		log_debug("the last export is still under way: the next one holds this interval");
	shipper_ship(service->shipper, service->settings->otlp.timeout_ms);
	/* in step with the first one, unless it is late by more than an interval */
	service->tick_us += interval_us_of(service);
	if (service->tick_us <= now_us(service))
		return service_arm_tick(service);
	return arm(source, service->tick_us);
}

static int on_news(sd_event_source *source, uint64_t due_us, void *context)
{
	(void)source;
	(void)due_us;
	service_collect(context);
	return 0;
}

/* Stalls under way are looked at twice as often as the least age that matters. */
int service_arm_look(struct service *service)
{
	double ms = alerts_min_stall_age_ms(service->settings) / 2;

	if (!(ms > 0))
		return sd_event_source_set_enabled(service->look, SD_EVENT_OFF);
	if (ms < MIN_LOOK_MS)
		ms = MIN_LOOK_MS;
	return event_arm(service->look, ms);
}

static int on_look(sd_event_source *source, uint64_t due_us, void *context)
{
	(void)source;
	(void)due_us;
	service_collect(context);
	return service_arm_look(context);
}

/* A pod is asked for until it is known, or no longer waited for. */
static void hurry(struct service *service)
{
	if (event_is_armed(service->hurry))
		return;
	pod_source_hurry(service->pods);
	event_arm(service->hurry, HURRY_EVERY_MS);
}

static int on_hurry(sd_event_source *source, uint64_t due_us, void *context)
{
	struct service *service = context;

	(void)source;
	(void)due_us;
	if (collector_waits(service->collector))
		hurry(service);
	return 0;
}

static int on_records(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct service *service = context;
	int r = collector_read(service->collector);

	(void)source;
	(void)fd;
	(void)events;
	if (r)
		return r;
	if (collector_waits(service->collector))
		hurry(service);
	if (!event_is_armed(service->news) && collector_has_news(service->collector))
		return event_arm(service->news, NEWS_DELAY_MS);
	return 0;
}

/* The last export: what was under way is part of it. */
static int on_stop(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct service *service = context;

	(void)source;
	if (service->stopping) /* asked again: at once */
		return sd_event_exit(service->event, 0);
	log_info("stopping on SIG%s", sigabbrev_np((int)info->ssi_signo));
	sd_notify(false, "STOPPING=1");
	sd_event_source_set_enabled(service->tick, SD_EVENT_OFF);
	/* before it is known that we stop: the end of this export is not that of the last one */
	shipper_cancel(service->shipper);
	service->stopping = true;
	collector_release(service->collector); /* it is now or never */
	end_interval(service);
	if (service->watch)
		stall_watch_finish(service->watch);
	shipper_ship_last(service->shipper, service->settings->shutdown_timeout_ms);
	log_shipper_ship_last(service->logs, service->settings->shutdown_timeout_ms);
	profile_shipper_ship_last(service->profiles, service->settings->shutdown_timeout_ms);
	return service_ships(service) ? 0 : sd_event_exit(service->event, 0);
}

static int add_signals(struct service *service)
{
	sigset_t signals;
	int r;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &signals, NULL))
		return -errno;
	signal(SIGPIPE, SIG_IGN);
	r = sd_event_add_signal(service->event, NULL, SIGTERM, on_stop, service);
	if (r >= 0)
		r = sd_event_add_signal(service->event, NULL, SIGINT, on_stop, service);
	if (r >= 0)
		r = sd_event_add_signal(service->event, NULL, SIGHUP, service_on_reload, service);
	return r < 0 ? r : 0;
}

static int add_sources(struct service *service)
{
	int r;

	service->tick_us = clock_monotonic_ns() / 1000 +
			   (__u64)(service->settings->export_interval_ms * US_PER_MS);
	r = event_add_timer(service->event, on_tick, service, &service->tick)
		    ?: event_add_timer(service->event, on_news, service, &service->news)
		    ?: event_add_timer(service->event, on_look, service, &service->look)
		    ?: event_add_timer(service->event, on_hurry, service, &service->hurry)
		    ?: arm(service->tick, service->tick_us);
	if (r)
		return r;
	r = sd_event_add_io(service->event, NULL, collector_fd(service->collector), EPOLLIN,
			    on_records, service);
	if (r >= 0)
		r = sd_event_set_watchdog(service->event, true);
	return r < 0 ? r : service_arm_look(service);
}

static void on_pods_changed(bool relisted, void *context)
{
	const struct service *service = context;

	if (service->collector && relisted)
		collector_reread(service->collector);
	if (service->collector)
		collector_pods_changed(service->collector);
}

static int start_collector(struct service *service)
{
	char error[COLLECTOR_ERROR_LEN], pods_error[POD_WATCH_ERROR_LEN];
	int r = pod_source_new(service->event, service->settings, on_pods_changed, service,
			       &service->pods, pods_error);

	if (r) {
		log_error("%s", pods_error);
		return r;
	}
	r = collector_new(service->settings, pod_source_pods(service->pods), &service->collector,
			  error);
	if (r)
		log_error("%s", error);
	return r;
}

/*
 * When capabilities have gone: the program that reads symbols leaves root, if it has the right to
 * and its parent CAP_KILL, without which that could not be ended.
 */
static int start_watch(struct service *service)
{
	int r;

	if (!service->settings->stalls.enabled)
		return 0;
	r = stall_watch_new(service->event, service->collector, stall_outlet_take, &service->stalls,
			    &service->watch);
	if (r)
		log_error("watching for stalls: %s", strerror(-r));
	return r;
}

static int start(struct service *service)
{
	int r;

	service->alerts.lines.limit = service->settings->max_log_records_per_minute;
	r = sd_event_default(&service->event);
	if (r >= 0)
		r = add_signals(service);
	if (r < 0) {
		log_error("starting the event loop: %s", strerror(-r));
		return r;
	}
	r = start_collector(service);
	if (r)
		return r;
	service->collected_ns = clock_monotonic_ns();
	r = service_open_exporters(service);
	if (r)
		return r;
	/* before there is another thread: libcurl resolves names in one */
	r = capabilities_drop();
	if (r)
		log_warning("not all capabilities could be given up: %s", strerror(-r));
	r = start_watch(service);
	if (r)
		return r;
	r = add_sources(service);
	if (r)
		log_error("starting the event loop: %s", strerror(-r));
	return r;
}

static const char *destination_of(const struct settings *settings)
{
	switch (settings->export) {
	case EXPORT_OTLP:
		return settings->otlp.endpoint;
	case EXPORT_FILE:
		return settings->export_file;
	case EXPORT_STDOUT:
		return "the standard output";
	case EXPORT_NONE:
		break;
	}
	return "nobody";
}

static void say_started(const struct service *service)
{
	const struct settings *settings = service->settings;
	struct pod_watch_stats pods;
	struct pods_counts counts;

	if (!privilege_has(CAP_SYS_PTRACE) || !privilege_has(CAP_DAC_READ_SEARCH))
		log_warning("CAP_SYS_PTRACE or CAP_DAC_READ_SEARCH is missing: processes of other "
			    "users are known by little more than their name");
	log_info("watching; figures every %g s, to %s", settings->export_interval_ms / 1000,
		 destination_of(settings));
	pod_source_stats(service->pods, &pods, &counts);
	if (strcmp(pods.source, "none") != 0)
		log_info("pods of %s%s: asking the %s",
			 *settings->kubernetes.node_name ? "node " : "this node",
			 settings->kubernetes.node_name,
			 strcmp(pods.source, "api") ? pods.source : "API server");
	if (service->http)
		log_info("serving %s, port %d", settings->prometheus.listen,
			 http_server_port(service->http));
}

int service_run(const struct agent_options *options, struct settings *settings)
{
	struct service service = {.options = options, .settings = settings, .started = settings};
	int r = start(&service);

	if (!r) {
		say_started(&service);
		sd_notify(false, "READY=1");
		r = sd_event_loop(service.event);
		if (r < 0)
			log_error("the event loop ended: %s", strerror(-r));
	}
	service_done(&service);
	return r;
}
