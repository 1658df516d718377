/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The service as its own files see it; service.c owns all of it. */
#ifndef LOOPSCOPE_SERVICE_PARTS_H
#define LOOPSCOPE_SERVICE_PARTS_H

#include <systemd/sd-event.h>

#include "agent/alerts.h"
#include "agent/collector.h"
#include "agent/log_shipper.h"
#include "agent/pod_source.h"
#include "agent/service.h"
#include "agent/shipper.h"
#include "agent/stall_outlet.h"
#include "agent/stall_watch.h"
#include "export/prometheus/http_server.h"

struct service {
	const struct agent_options *options;
	struct settings *settings;
	struct settings *started; /* with these, which keys that are fixed at start still have */
	sd_event *event;
	struct pod_source *pods;
	struct collector *collector;
	struct shipper *shipper;
	struct log_shipper *logs;
	struct profile_shipper *profiles;
	struct stall_outlet stalls;
	struct stall_watch *watch; /* NULL: stalls are counted alone */
	struct http_server *http;
	struct alerts alerts;
	struct agent_figures agent;
	struct figures figures; /* of the last scrape */
	sd_event_source *tick, *news, *look, *hurry;
	__u64 tick_us;      /* when the next one is due */
	__u64 collected_ns; /* CLOCK_MONOTONIC of the last collection that worked; 0: none */
	bool interval_complete;
	bool stopping;
};

/* Brings the collector up to now, and compares stalls with their thresholds. */
void service_collect(struct service *service);

/* The next export is an interval from now. */
int service_arm_tick(struct service *service);

/* Sets the timer by which stalls under way are looked at, or stops it. */
int service_arm_look(struct service *service);

/* The shippers and the HTTP server, and what they ask for: service_exporters.c. */
int service_open_exporters(struct service *service);

/* Whether an export is under way. */
bool service_ships(const struct service *service);

/* SIGHUP: service_reload.c. */
int service_on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context);

#endif
