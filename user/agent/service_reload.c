/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* New settings in place of the old: all that is wrong is said, and then the old ones stay. */
#include <errno.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "agent/clocks.h"
#include "agent/service_parts.h"
#include "base/log.h"

/* Keys that take effect at the next start only keep what they have. */
static void keep_fixed(const struct settings *now, struct settings *next)
{
	struct text_list keys = {};

	if (!settings_fixed_changes(now, next, &keys)) {
		for (size_t i = 0; i < keys.nr; i++)
			log_warning("%s has changed, which takes effect at the next start",
				    keys.items[i]);
		text_list_done(&keys);
	}
	next->temporality = now->temporality;
	next->max_loops = now->max_loops;
	next->max_series = now->max_series;
	next->max_blocked_syscalls = now->max_blocked_syscalls;
	next->stalls.enabled = now->stalls.enabled;
	next->stalls.per_minute = now->stalls.per_minute;
	next->stalls.stacks_per_minute = now->stalls.stacks_per_minute;
	next->stalls.culprit_attribute = now->stalls.culprit_attribute;
	next->stalls.max_culprits = now->stalls.max_culprits;
}

static int set_shippers(struct service *service, const struct settings *settings,
			char error[SHIPPER_ERROR_LEN])
{
	return shipper_set_settings(service->shipper, settings, error)
		       ?: log_shipper_set_settings(service->logs, settings, error)
			       ?: profile_shipper_set_settings(service->profiles, settings, error);
}

/* Those of whom others' settings are borrowed: all of them take the new ones, or none does. */
static int take_outward_settings(struct service *service, const struct settings *next)
{
	char error[SHIPPER_ERROR_LEN], pods_error[POD_WATCH_ERROR_LEN];
	int r = pod_source_set_settings(service->pods, next, pods_error);

	if (r) {
		log_error("%s", pods_error);
		return r;
	}
	r = set_shippers(service, next, error);
	if (r) {
		log_error("%s", error);
		if (set_shippers(service, service->settings, error) ||
		    pod_source_set_settings(service->pods, service->settings, pods_error))
			return sd_event_exit(service->event, r);
	}
	return r;
}

static int take_settings(struct service *service, struct settings *next)
{
	bool interval_changed;
	int r = take_outward_settings(service, next);

	if (r)
		return r;
	collector_set_pods(service->collector, pod_source_pods(service->pods));
	r = collector_set_settings(service->collector, next);
	if (r) /* for want of memory: half of it would be new, half old */
		return sd_event_exit(service->event, r);
	if (service->http)
		http_server_use(service->http, &next->prometheus);
	log_set(next->log_level, next->log_format);
	service->alerts.lines.limit = next->max_log_records_per_minute;
	interval_changed = next->export_interval_ms != service->settings->export_interval_ms;
	if (service->settings != service->started)
		settings_free(service->settings);
	service->settings = next;
	service->stalls.settings = next;
	if (interval_changed)
		service_arm_tick(service);
	return 0;
}

static void reload(struct service *service)
{
	_cleanup_(settings_freep) struct settings *next = NULL;
	int r = agent_options_load(service->options, &next);

	if (!r) {
		keep_fixed(service->started, next);
		r = take_settings(service, next);
	}
	if (r) {
		log_error("the new configuration is not taken: the old one stays");
		service->agent.reload_failures++;
		return;
	}
	TAKE_PTR(next);
	service->agent.reloads++;
	service_collect(service); /* what has changed for single loops is told to the kernel side */
	service_arm_look(service);
	log_info("configuration loaded anew");
}

int service_on_reload(sd_event_source *source, const struct signalfd_siginfo *info, void *context)
{
	struct service *service = context;

	(void)source;
	(void)info;
	sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%llu",
		   (unsigned long long)(clock_monotonic_ns() / 1000));
	reload(service);
	sd_notify(false, "READY=1");
	return 0;
}
