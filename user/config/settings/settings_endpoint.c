/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The OTLP endpoint, which depends on the protocol and on where it was given:
 * the specification has /v1/metrics put behind the one for all signals, and uses
 * the one for metrics as it is. A key without a path gets it too.
 */
#include <errno.h>
#include <string.h>

#include "config/settings/settings_load.h"

#define SIGNAL_PATH "/v1/metrics"
#define GRPC_DEFAULT "http://localhost:4317"

struct endpoint {
	const char *text;
	size_t authority;    /* where it begins: after :// */
	size_t path;         /* where the path begins, or would */
	const char *problem; /* NULL: none */
};

static struct endpoint endpoint_parse(const char *text)
{
	struct endpoint endpoint = {.text = text, .authority = syntax_http_scheme(text)};

	if (!endpoint.authority) {
		endpoint.problem = "begins with neither http:// nor https://";
		return endpoint;
	}
	endpoint.path = endpoint.authority + strcspn(text + endpoint.authority, "/?#");
	if (memchr(text + endpoint.authority, '@', endpoint.path - endpoint.authority))
		endpoint.problem = "holds a user or password, which would be seen: write it into "
				   "export.otlp.headers, as authorization";
	else if (endpoint.path == endpoint.authority || !syntax_is_url(text))
		endpoint.problem = "is not a URL, as in http://HOST:4318/v1/metrics";
	else if (strchr(text, '#'))
		endpoint.problem = "has a #: a fragment is never sent";
	return endpoint;
}

static int resolve_grpc(struct endpoint *endpoint, char **ret_text)
{
	const char *path = endpoint->text + endpoint->path;

	if (*path && strcmp(path, "/")) {
		endpoint->problem = "has a path, but gRPC takes none: http://HOST:4317";
		return 0;
	}
	*ret_text = strndup(endpoint->text, endpoint->path);
	return *ret_text ? 0 : -ENOMEM;
}

static int resolve_http(struct endpoint *endpoint, enum endpoint_kind kind, char **ret_text)
{
	const char *path = endpoint->text + endpoint->path;
	size_t before = endpoint->path;
	const char *added;

	switch (kind) {
	case ENDPOINT_OF_KEY:
	default:
		added = *path == '/' ? "" : SIGNAL_PATH;
		break;
	case ENDPOINT_OF_SIGNAL:
		added = *path == '/' ? "" : "/";
		break;
	case ENDPOINT_OF_BASE:
		if (strchr(path, '?')) {
			endpoint->problem = "has a query, behind which no path can be put: use "
					    "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
			return 0;
		}
		added = SIGNAL_PATH;
		before = strlen(endpoint->text);
		before -= endpoint->text[before - 1] == '/';
		path = "";
		break;
	}
	if (asprintf(ret_text, "%.*s%s%s", (int)before, endpoint->text, added, path) < 0)
		return -ENOMEM;
	return 0;
}

/* gRPC targets of the specification may be HOST:PORT alone. */
static int complete_scheme(const struct settings_loader *loader, char **text)
{
	const struct otlp_settings *otlp = &loader->settings->otlp;
	char *complete;

	if (loader->endpoint_kind == ENDPOINT_OF_KEY || otlp->protocol != OTLP_GRPC ||
	    strstr(*text, "://"))
		return 0;
	if (asprintf(&complete, "%s://%s", loader->otlp_insecure ? "http" : "https", *text) < 0)
		return -ENOMEM;
	free(*text);
	*text = complete;
	return 0;
}

static int resolve(struct settings_loader *loader, const struct settings_place *place,
		   char **ret_text)
{
	struct otlp_settings *otlp = &loader->settings->otlp;
	char quoted[SETTINGS_QUOTED_LEN];
	struct endpoint endpoint;
	bool hidden;
	int r = complete_scheme(loader, &otlp->endpoint);

	if (r)
		return r;
	endpoint = endpoint_parse(otlp->endpoint);
	if (!endpoint.problem)
		r = otlp->protocol == OTLP_GRPC
			    ? resolve_grpc(&endpoint, ret_text)
			    : resolve_http(&endpoint, loader->endpoint_kind, ret_text);
	if (!endpoint.problem || r)
		return r;
	hidden = loader->endpoint_hidden || strchr(otlp->endpoint, '@');
	settings_fail(loader, place, "%s %s",
		      hidden ? "the value" : settings_quote_text(otlp->endpoint, quoted),
		      endpoint.problem);
	return 0;
}

void settings_finish_endpoint(struct settings_loader *loader)
{
	size_t index = setting_key_index(setting_key_find("export.otlp.endpoint"));
	const struct settings_place *place = &loader->origins[index];
	struct otlp_settings *otlp = &loader->settings->otlp;
	char *text = NULL;
	int r = 0;

	if (place->layer == LAYER_DEFAULT && otlp->protocol == OTLP_GRPC)
		r = (text = strdup(GRPC_DEFAULT)) ? 0 : -ENOMEM;
	else
		r = resolve(loader, place, &text);
	if (r)
		loader->error = r;
	if (!text)
		return;
	free(otlp->endpoint);
	otlp->endpoint = text;
}

/* "", or a URL that is used as it is. */
static void check_other(struct settings_loader *loader, const char *path, const char *text)
{
	size_t index = setting_key_index(setting_key_find(path));
	struct endpoint endpoint;

	if (!*text)
		return;
	endpoint = endpoint_parse(text);
	if (endpoint.problem)
		settings_fail(loader, &loader->origins[index], "the value %s", endpoint.problem);
}

void settings_check_endpoints(struct settings_loader *loader)
{
	const struct otlp_settings *otlp = &loader->settings->otlp;

	check_other(loader, "export.otlp.logs_endpoint", otlp->logs_endpoint);
	check_other(loader, "export.otlp.profiles_endpoint", otlp->profiles_endpoint);
}
