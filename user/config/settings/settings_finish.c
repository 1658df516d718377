/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Once all layers are in: keys that need each other, and what follows from others. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "config/settings/settings_load.h"

static const struct settings_place *origin(const struct settings_loader *loader, const char *path)
{
	return &loader->origins[setting_key_index(setting_key_find(path))];
}

/* Two texts of which one without the other has no meaning. */
static void check_pair(struct settings_loader *loader, const char *one_path, const char *one,
		       const char *other_path, const char *other)
{
	if (*one && !*other)
		settings_fail(loader, origin(loader, one_path), "needs %s too", other_path);
	if (*other && !*one)
		settings_fail(loader, origin(loader, other_path), "needs %s too", one_path);
}

static void check_together(struct settings_loader *loader)
{
	const struct settings *settings = loader->settings;
	const struct prometheus_settings *prometheus = &settings->prometheus;

	check_pair(loader, "export.otlp.tls.certificate_file", settings->otlp.certificate_file,
		   "export.otlp.tls.key_file", settings->otlp.key_file);
	check_pair(loader, "prometheus.tls.certificate_file", prometheus->certificate_file,
		   "prometheus.tls.key_file", prometheus->key_file);
	check_pair(loader, "prometheus.basic_auth.username", prometheus->username,
		   "prometheus.basic_auth.password", prometheus->password);
	if (strchr(prometheus->username, ':'))
		settings_fail(loader, origin(loader, "prometheus.basic_auth.username"),
			      "has a colon, which basic authentication cannot carry");
	if (settings->export == EXPORT_FILE && !*settings->export_file)
		settings_fail(loader, origin(loader, "export.to"),
			      "\"file\" needs export.file too: the file to write to");
	if (settings->kubernetes.pods == PODS_FROM_API && !*settings->kubernetes.node_name)
		settings_fail(loader, origin(loader, "kubernetes.pods"),
			      "\"api\" needs kubernetes.node_name too, or K8S_NODE_NAME: the node "
			      "whose pods to ask for");
}

static void check_pod_targets(struct settings_loader *loader)
{
	const struct settings_place *target = &loader->pod_target;

	if (target->layer != LAYER_DEFAULT && loader->settings->kubernetes.pods == PODS_FROM_NONE)
		settings_fail(loader, target,
			      "takes pods to tell, but kubernetes.pods is none, so that none are "
			      "known: set that to auto, api or kubelet");
}

static void inherit(double *threshold, double from)
{
	if (isnan(*threshold))
		*threshold = from;
}

static void finish_groups(struct settings *settings)
{
	const struct thresholds *from = &settings->thresholds;

	for (size_t i = 0; i < settings->nr_groups; i++) {
		struct thresholds *thresholds = &settings->groups[i].thresholds;

		inherit(&thresholds->blocking_ms, from->blocking_ms);
		inherit(&thresholds->lag_p95_ms, from->lag_p95_ms);
		inherit(&thresholds->utilization, from->utilization);
		inherit(&thresholds->stall_age_ms, from->stall_age_ms);
	}
}

/* The one group there is if none was given. */
static void add_group_of_all(struct settings_loader *loader)
{
	struct settings *settings = loader->settings;
	struct target_group *group;

	if (settings->nr_groups)
		return;
	free(settings->groups);
	settings->groups = calloc(1, sizeof(*settings->groups));
	if (!settings->groups) {
		loader->error = -ENOMEM;
		return;
	}
	settings->nr_groups = 1;
	group = settings->groups;
	settings_set_defaults(loader, "targets[]", group);
	free(group->name);
	group->name = strdup("all");
	if (!group->name)
		loader->error = -ENOMEM;
}

void settings_finish(struct settings_loader *loader)
{
	add_group_of_all(loader);
	finish_groups(loader->settings);
	settings_finish_endpoint(loader);
	settings_check_endpoints(loader);
	check_together(loader);
	check_pod_targets(loader);
}
