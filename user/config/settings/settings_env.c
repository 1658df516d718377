/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The environment, by the variables of the OpenTelemetry specification, and a few more.
 * A later row is over an earlier one of the same key: the variable of the metrics signal
 * over that of all signals. An empty variable counts as unset.
 */
#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#include "config/settings/settings_load.h"

/* A word of OpenTelemetry's, and ours. */
struct word {
	const char *theirs, *ours;
};

static const struct word temporality_words[] = {
	{"cumulative", "cumulative"}, {"delta", "delta"}, {"lowmemory", "delta"}, {}};
static const struct word histogram_words[] = {{"base2_exponential_bucket_histogram", "exponential"},
					      {"explicit_bucket_histogram", "explicit"},
					      {}};

struct variable {
	const char *name;
	const char *key; /* NULL: it is none's */
	const struct word *words;
	/* NULL: the text is that of the key */
	void (*read)(struct settings_loader *loader, const struct variable *variable, char *text,
		     const struct settings_place *place);
};

static void set(struct settings_loader *loader, const char *path, const char *text,
		const struct settings_place *place)
{
	settings_set_text(loader, setting_key_find(path), loader->settings, text, place);
}

static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

static void read_endpoint(struct settings_loader *loader, const struct variable *variable,
			  char *text, const struct settings_place *place)
{
	bool signal = strstr(variable->name, "_METRICS_");

	set(loader, variable->key, text, place);
	loader->endpoint_kind = signal ? ENDPOINT_OF_SIGNAL : ENDPOINT_OF_BASE;
}

static void read_insecure(struct settings_loader *loader, const struct variable *variable,
			  char *text, const struct settings_place *place)
{
	char quoted[SETTINGS_QUOTED_LEN];

	(void)variable;
	lower(text);
	loader->otlp_insecure = !strcmp(text, "true");
	if (!loader->otlp_insecure && strcmp(text, "false"))
		settings_fail(loader, place, "%s is not true or false; allowed: true, false",
			      settings_quote_text(text, quoted));
}

/* A list. Prometheus's server has its own key, so that `prometheus` alone means no export. */
static void read_exporters(struct settings_loader *loader, const struct variable *variable,
			   char *text, const struct settings_place *place)
{
	static const struct word words[] = {
		{"otlp", "otlp"}, {"console", "stdout"}, {"none", "none"}, {}};
	const char *to = NULL;

	lower(text);
	for (char *rest = text, *part; (part = strsep(&rest, ","));) {
		const struct word *word = words;
		char quoted[SETTINGS_QUOTED_LEN];

		part += strspn(part, " \t");
		part[strcspn(part, " \t")] = '\0';
		if (!strcmp(part, "prometheus"))
			continue;
		while (word->theirs && strcmp(word->theirs, part))
			word++;
		if (!word->theirs || (to && strcmp(to, word->ours))) {
			settings_fail(loader, place,
				      "%s is not an exporter that can be used%s; allowed: otlp, "
				      "prometheus, console, none",
				      settings_quote_text(part, quoted),
				      word->theirs ? " beside another" : "");
			return;
		}
		to = word->ours;
	}
	set(loader, variable->key, to ?: "none", place);
}

/* The key that an attribute is of, if it is of the agent alone; else NULL. */
static const char *key_of_agent(const char *attribute)
{
	static const struct word own[] = {{"service.name", "agent.service_name"},
					  {"k8s.pod.name", "agent.pod_name"},
					  {"k8s.namespace.name", "agent.namespace"},
					  {}};
	const struct word *word = own;

	while (word->theirs && strcmp(word->theirs, attribute))
		word++;
	return word->ours;
}

/* What is true of the whole node is its processes' too, and a key beside. */
static const char *key_of_node(const char *attribute)
{
	if (!strcmp(attribute, "k8s.cluster.name"))
		return "kubernetes.cluster_name";
	return strcmp(attribute, "k8s.node.name") ? NULL : "kubernetes.node_name";
}

/* It says which pod or container the agent is in, as injected variables do: no other is in that. */
static bool is_of_agent_alone(const char *attribute)
{
	static const char *const own[] = {"k8s.*", "container.*", "service.instance.id",
					  "service.version"};

	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (!fnmatch(own[i], attribute, 0))
			return !key_of_node(attribute);
	}
	return false;
}

/* An attribute: to the key that it is of, and to `merged` if it is every process's. */
static int read_attribute(struct settings_loader *loader, const struct settings_item *item,
			  const struct settings_place *place, struct settings_value *merged)
{
	const char *key = key_of_agent(item->name) ?: key_of_node(item->name);

	if (key)
		set(loader, key, item->text, place);
	if (key_of_agent(item->name) || is_of_agent_alone(item->name))
		return 0;
	return settings_value_add(merged, item->name, item->text, place);
}

/*
 * Attributes are merged with the file's by name. Those of the agent are its own,
 * unless OTEL_SERVICE_NAME and the like, whose rows come later, say otherwise.
 */
static void read_resource(struct settings_loader *loader, const struct variable *variable,
			  char *text, const struct settings_place *place)
{
	_cleanup_(settings_value_done) struct settings_value merged = {.place = *place};
	_cleanup_(settings_value_done) struct settings_value value = {};
	const struct setting_key *key = setting_key_find(variable->key);
	const struct text_pairs *present = &loader->settings->resource;
	int r = settings_value_of_text(loader, key, text, place, &value);
	size_t nr_given;

	for (size_t i = 0; !r && i < value.nr; i++)
		r = read_attribute(loader, &value.items[i], place, &merged);
	nr_given = merged.nr;
	for (size_t i = 0; !r && i < present->nr; i++) {
		bool replaced = false;

		for (size_t j = 0; j < nr_given; j++)
			replaced |= !strcmp(merged.items[j].name, present->items[i].key);
		if (!replaced)
			r = settings_value_add(&merged, present->items[i].key,
					       present->items[i].value, place);
	}
	if (r == -ENOMEM)
		loader->error = r;
	if (!r)
		settings_set(loader, key, loader->settings, &merged);
}

#define OTLP(name, ...)                                         \
	{"OTEL_EXPORTER_OTLP_" name, __VA_ARGS__},              \
	{                                                       \
		"OTEL_EXPORTER_OTLP_METRICS_" name, __VA_ARGS__ \
	}

static const struct variable variables[] = {
	{"SERVICE_NAME", .key = "agent.service_name"},
	{"OTEL_RESOURCE_ATTRIBUTES", .key = "attributes.resource", .read = read_resource},
	{"OTEL_SERVICE_NAME", .key = "agent.service_name"},
	{"K8S_POD_NAME", .key = "agent.pod_name"},
	{"K8S_NAMESPACE", .key = "agent.namespace"},
	{"K8S_NODE_NAME", .key = "kubernetes.node_name"},
	{"K8S_CLUSTER_NAME", .key = "kubernetes.cluster_name"},
	{"LOOPSCOPE_WAIT_FAMILY", .key = "wait_family"},
	{"OTEL_METRICS_EXPORTER", .key = "export.to", .read = read_exporters},
	{"OTEL_METRIC_EXPORT_INTERVAL", .key = "export.interval_ms"},
	{"OTEL_METRIC_EXPORT_TIMEOUT", .key = "export.otlp.timeout_ms"},
	OTLP("ENDPOINT", .key = "export.otlp.endpoint", .read = read_endpoint),
	{"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", .key = "export.otlp.logs_endpoint"},
	{"OTEL_EXPORTER_OTLP_PROFILES_ENDPOINT", .key = "export.otlp.profiles_endpoint"},
	OTLP("PROTOCOL", .key = "export.otlp.protocol"),
	OTLP("COMPRESSION", .key = "export.otlp.compression"),
	OTLP("HEADERS", .key = "export.otlp.headers"),
	OTLP("TIMEOUT", .key = "export.otlp.timeout_ms"),
	OTLP("CERTIFICATE", .key = "export.otlp.tls.ca_file"),
	OTLP("CLIENT_CERTIFICATE", .key = "export.otlp.tls.certificate_file"),
	OTLP("CLIENT_KEY", .key = "export.otlp.tls.key_file"),
	OTLP("INSECURE", .key = NULL, .read = read_insecure),
	{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", .key = "export.temporality",
	 .words = temporality_words},
	{"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", .key = "export.histograms",
	 .words = histogram_words},
};

#define NR_VARIABLES (sizeof(variables) / sizeof(*variables))

static void fail_word(struct settings_loader *loader, const struct word *words, const char *text,
		      const struct settings_place *place)
{
	_cleanup_(buffer_done) struct buffer allowed = {};
	char quoted[SETTINGS_QUOTED_LEN];

	for (const struct word *word = words; word->theirs; word++)
		buffer_printf(&allowed, "%s%s", word == words ? "" : ", ", word->theirs);
	if (allowed.error)
		loader->error = allowed.error;
	settings_fail(loader, place, "%s is not a known word; allowed: %.*s",
		      settings_quote_text(text, quoted), (int)allowed.size,
		      (const char *)allowed.data);
}

static void read_variable(struct settings_loader *loader, const struct variable *variable,
			  char *text, const struct settings_place *place)
{
	const struct word *word = variable->words;

	if (variable->read) {
		variable->read(loader, variable, text, place);
		return;
	}
	if (setting_key_find(variable->key)->type == SETTING_CHOICE)
		lower(text); /* words of the specification have no case */
	while (word && word->theirs && strcmp(word->theirs, text))
		word++;
	if (word && !word->theirs)
		fail_word(loader, variable->words, text, place);
	else
		set(loader, variable->key, word ? word->ours : text, place);
}

void settings_read_environment(struct settings_loader *loader)
{
	for (size_t i = 0; i < NR_VARIABLES; i++) {
		const struct variable *variable = &variables[i];
		const char *value =
			settings_variable(loader->sources, variable->name, strlen(variable->name));
		struct settings_place place = {.layer = LAYER_ENVIRONMENT};
		_cleanup_(freep) char *copy = strdup(value ?: "");
		char *text = copy;
		size_t length;

		if (!copy) {
			loader->error = -ENOMEM;
			return;
		}
		text += strspn(text, " \t\n");
		length = strlen(text);
		while (length && strchr(" \t\n", text[length - 1]))
			text[--length] = '\0';
		if (!length)
			continue;
		snprintf(place.label, sizeof(place.label), "%s", variable->name);
		read_variable(loader, variable, text, &place);
	}
}

const char *settings_variable_of_key(const char *path, size_t nr)
{
	for (size_t i = NR_VARIABLES; i--;) { /* the first in precedence first */
		if (variables[i].key && !strcmp(variables[i].key, path) && !nr--)
			return variables[i].name;
	}
	return NULL;
}
