/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The agent's readers, and the figures that each of them gets. */
#include <systemd/sd-event.h>

#include "agent/clocks.h"
#include "agent/self_usage.h"
#include "agent/service_parts.h"
#include "base/log.h"

#define NS_PER_MS 1e6
#define FRESH_NS 1000000000ULL /* figures so young are shown to a scrape as they are */

static void fill_pods(const struct service *service, struct agent_figures *agent)
{
	struct pod_watch_stats stats;
	struct pods_counts counts;

	pod_source_stats(service->pods, &stats, &counts);
	agent->pods_known = counts.pods;
	agent->kubernetes_requests = stats.requests;
	agent->kubernetes_failures = stats.failures;
}

static void fill_agent(struct service *service)
{
	struct agent_figures *agent = &service->agent;

	self_usage_read(agent);
	shipper_fill(service->shipper, agent);
	log_shipper_fill(service->logs, agent);
	profile_shipper_fill(service->profiles, agent);
	stall_outlet_fill(&service->stalls, agent);
	if (service->watch)
		stall_watch_fill(service->watch, agent);
	fill_pods(service, agent);
	for (int i = 0; i < NR_THRESHOLDS; i++)
		agent->threshold_crossings[i] = service->alerts.crossings[i];
	agent->scrapes = service->http ? http_server_scrapes(service->http) : 0;
}

static int otlp_figures(void *context, struct figures *ret_figures)
{
	struct service *service = context;

	fill_agent(service);
	return collector_figures(service->collector, READER_OTLP, &service->agent, ret_figures);
}

static const struct figures *scrape_figures(void *context)
{
	struct service *service = context;

	if (clock_monotonic_ns() - service->collected_ns > FRESH_NS)
		service_collect(service);
	fill_agent(service);
	if (collector_figures(service->collector, READER_SCRAPE, &service->agent,
			      &service->figures))
		return NULL;
	return &service->figures;
}

static bool is_ready(void *context)
{
	const struct service *service = context;

	return service->interval_complete;
}

/* The event loop turns if this is asked at all: what may be wrong is that records are not read. */
static bool is_healthy(void *context)
{
	const struct service *service = context;
	__u64 interval_ns = (__u64)(service->settings->export_interval_ms * NS_PER_MS);

	return clock_monotonic_ns() - service->collected_ns <= 3 * interval_ns + FRESH_NS;
}

static void on_idle(void *context)
{
	struct service *service = context;

	if (service->stopping && !service_ships(service))
		sd_event_exit(service->event, 0);
}

bool service_ships(const struct service *service)
{
	return shipper_busy(service->shipper) || log_shipper_busy(service->logs) ||
	       profile_shipper_busy(service->profiles);
}

static int open_stalls(struct service *service)
{
	struct registry *registry = collector_registry(service->collector);
	char error[LOG_SHIPPER_ERROR_LEN];
	int r = log_shipper_new(service->event, service->settings, registry, on_idle, service,
				&service->logs, error)
			?: profile_shipper_new(service->event, service->settings, on_idle, service,
					       &service->profiles, error);

	if (r) {
		log_error("%s", error);
		return r;
	}
	service->stalls = (struct stall_outlet){
		.settings = service->settings,
		.registry = registry,
		.logs = service->logs,
		.profiles = service->profiles,
	};
	return 0;
}

int service_open_exporters(struct service *service)
{
	const struct shipper_callbacks shipping = {otlp_figures, on_idle, service};
	const struct http_server_callbacks serving = {scrape_figures, is_healthy, is_ready,
						      service};
	char error[SHIPPER_ERROR_LEN], http_error[HTTP_SERVER_ERROR_LEN];
	int r = shipper_new(service->event, service->settings,
			    collector_registry(service->collector), &shipping, &service->shipper,
			    error);

	if (r) {
		log_error("%s", error);
		return r;
	}
	r = open_stalls(service);
	if (r || !*service->settings->prometheus.listen)
		return r;
	r = http_server_new(service->event, &service->settings->prometheus, &serving,
			    &service->http, http_error);
	if (r)
		log_error("%s", http_error);
	return r;
}
