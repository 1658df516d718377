/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "export/otlp/otlp_signal.h"

#include <errno.h>
#include <string.h>

#define COLLECTOR "/opentelemetry.proto.collector."

static const struct signal {
	const char *path, *method;
} signals[] = {
	[OTLP_METRICS] = {"/v1/metrics", COLLECTOR "metrics.v1.MetricsService/Export"},
	[OTLP_LOGS] = {"/v1/logs", COLLECTOR "logs.v1.LogsService/Export"},
	[OTLP_PROFILES] = {"/v1development/profiles",
			   COLLECTOR "profiles.v1development.ProfilesService/Export"},
};

const char *otlp_signal_method(enum otlp_signal signal)
{
	return signals[signal].method;
}

static const char *given(const struct otlp_settings *settings, enum otlp_signal signal)
{
	switch (signal) {
	case OTLP_LOGS:
		return settings->logs_endpoint;
	case OTLP_PROFILES:
		return settings->profiles_endpoint;
	case OTLP_METRICS:
		break;
	}
	return settings->endpoint;
}

/* A query stays: it may hold what the receiver asks for. NULL: no memory, or errno EINVAL. */
static char *derived(const char *metrics, const char *path)
{
	size_t length = strcspn(metrics, "?#"), suffix = strlen(signals[OTLP_METRICS].path);
	char *text;

	if (length < suffix ||
	    strncmp(metrics + length - suffix, signals[OTLP_METRICS].path, suffix)) {
		errno = EINVAL;
		return NULL;
	}
	if (asprintf(&text, "%.*s%s%s", (int)(length - suffix), metrics, path, metrics + length) <
	    0) {
		errno = ENOMEM;
		return NULL;
	}
	return text;
}

int otlp_signal_settings(const struct otlp_settings *metrics, enum otlp_signal signal,
			 struct otlp_settings *ret_settings)
{
	struct otlp_settings settings = *metrics;
	const char *endpoint = given(metrics, signal);

	settings.signal = signal;
	if (*endpoint)
		settings.endpoint = strdup(endpoint);
	else if (metrics->protocol == OTLP_GRPC)
		settings.endpoint = strdup(metrics->endpoint);
	else
		settings.endpoint = derived(metrics->endpoint, signals[signal].path);
	if (!settings.endpoint)
		return errno == EINVAL ? -EINVAL : -ENOMEM;
	*ret_settings = settings;
	return 0;
}

void otlp_signal_done(struct otlp_settings *settings)
{
	free(settings->endpoint);
	settings->endpoint = NULL;
}
