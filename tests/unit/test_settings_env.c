/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The environment: each variable over the file, flags over it, the signal's over the general. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "settings_fixture.h"

#define IS(text, expected) (!strcmp((text), (expected)))

/* Loads with one or two variables ("" none), over a file. */
static struct loaded load_with(const char *yaml, const char *first, const char *second)
{
	const char *environ_[] = {first, second, NULL};

	return load_all(yaml, environ_, NULL);
}

/* What a field is, as text. */
typedef const char *(*field_fn)(const struct settings *settings, char buffer[64]);

static const char *number(double value, char buffer[64])
{
	snprintf(buffer, 64, "%g", value);
	return buffer;
}

#define TEXT_FIELD(name, expression)                                       \
	static const char *name(const struct settings *s, char buffer[64]) \
	{                                                                  \
		(void)buffer;                                              \
		return expression;                                         \
	}
#define NUMBER_FIELD(name, expression)                                     \
	static const char *name(const struct settings *s, char buffer[64]) \
	{                                                                  \
		return number(expression, buffer);                         \
	}

static const char *header(const struct settings *s)
{
	return s->otlp.headers.nr == 1 ? s->otlp.headers.items[0].value : "none, or several";
}

TEXT_FIELD(endpoint, s->otlp.endpoint)
TEXT_FIELD(headers, header(s))
TEXT_FIELD(ca_file, s->otlp.ca_file)
TEXT_FIELD(certificate, s->otlp.certificate_file)
TEXT_FIELD(key, s->otlp.key_file)
TEXT_FIELD(service, s->agent_service_name)
TEXT_FIELD(pod, s->agent_pod_name)
TEXT_FIELD(namespace, s->agent_namespace)
TEXT_FIELD(node, s->kubernetes.node_name)
TEXT_FIELD(cluster, s->kubernetes.cluster_name)
NUMBER_FIELD(protocol, s->otlp.protocol)
NUMBER_FIELD(gzip, s->otlp.gzip)
NUMBER_FIELD(timeout, s->otlp.timeout_ms)
NUMBER_FIELD(interval, s->export_interval_ms)
NUMBER_FIELD(temporality, s->temporality)
NUMBER_FIELD(aggregation, s->aggregation)
NUMBER_FIELD(export, s->export)
NUMBER_FIELD(family, s->wait_family)

#define OTLP_FILE(text) "export: {otlp: {" text "}}"
#define TLS_FILE(text) OTLP_FILE("tls: {" text "}")

/* What the file says and what it makes; a variable and what it makes; a flag and what it makes. */
static const struct row {
	field_fn field;
	const char *yaml, *of_file;
	const char *variable, *of_variable;
	const char *flag, *of_flag;
} rows[] = {
	{endpoint, OTLP_FILE("endpoint: 'http://file/x'"), "http://file/x",
	 "OTEL_EXPORTER_OTLP_ENDPOINT=http://env", "http://env/v1/metrics",
	 "export.otlp.endpoint=http://flag:1", "http://flag:1/v1/metrics"},
	{endpoint, OTLP_FILE("endpoint: 'http://file/x'"), "http://file/x",
	 "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=https://env:443/a/b", "https://env:443/a/b",
	 "export.otlp.endpoint=http://flag:1", "http://flag:1/v1/metrics"},
	{protocol, OTLP_FILE("protocol: http/protobuf"), "0", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
	 "1", "export.otlp.protocol=http/protobuf", "0"},
	{protocol, OTLP_FILE("protocol: grpc"), "1",
	 "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/protobuf", "0", "export.otlp.protocol=grpc",
	 "1"},
	{gzip, OTLP_FILE("compression: gzip"), "1", "OTEL_EXPORTER_OTLP_COMPRESSION=none", "0",
	 "export.otlp.compression=gzip", "1"},
	{gzip, OTLP_FILE("compression: none"), "0", "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION=gzip",
	 "1", "export.otlp.compression=none", "0"},
	{headers, OTLP_FILE("headers: {a: file}"), "file",
	 "OTEL_EXPORTER_OTLP_HEADERS=b=Bearer%20x%2Cy", "Bearer x,y", NULL, NULL},
	{headers, OTLP_FILE("headers: {a: file}"), "file",
	 "OTEL_EXPORTER_OTLP_METRICS_HEADERS= b = x=y ,", "x=y", NULL, NULL},
	{timeout, OTLP_FILE("timeout_ms: 1"), "1", "OTEL_METRIC_EXPORT_TIMEOUT=2", "2",
	 "export.otlp.timeout_ms=3", "3"},
	{timeout, OTLP_FILE("timeout_ms: 1"), "1", "OTEL_EXPORTER_OTLP_TIMEOUT=2", "2",
	 "export.otlp.timeout_ms=3", "3"},
	{timeout, OTLP_FILE("timeout_ms: 1"), "1", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=2", "2",
	 "export.otlp.timeout_ms=3", "3"},
	{ca_file, TLS_FILE("ca_file: /f"), "/f", "OTEL_EXPORTER_OTLP_CERTIFICATE=/e", "/e",
	 "export.otlp.tls.ca_file=/g", "/g"},
	{ca_file, TLS_FILE("ca_file: /f"), "/f", "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE=/e", "/e",
	 "export.otlp.tls.ca_file=/g", "/g"},
	{certificate, TLS_FILE("certificate_file: /f, key_file: /k"), "/f",
	 "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE=/e", "/e", "export.otlp.tls.certificate_file=/g",
	 "/g"},
	{certificate, TLS_FILE("certificate_file: /f, key_file: /k"), "/f",
	 "OTEL_EXPORTER_OTLP_METRICS_CLIENT_CERTIFICATE=/e", "/e",
	 "export.otlp.tls.certificate_file=/g", "/g"},
	{key, TLS_FILE("certificate_file: /f, key_file: /k"), "/k",
	 "OTEL_EXPORTER_OTLP_CLIENT_KEY=/e", "/e", "export.otlp.tls.key_file=/g", "/g"},
	{key, TLS_FILE("certificate_file: /f, key_file: /k"), "/k",
	 "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY=/e", "/e", "export.otlp.tls.key_file=/g", "/g"},
	{temporality, "export: {temporality: delta}", "1",
	 "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=Cumulative", "0",
	 "export.temporality=delta", "1"},
	{temporality, "export: {temporality: cumulative}", "0",
	 "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=LowMemory", "1",
	 "export.temporality=cumulative", "0"},
	{aggregation, "export: {histograms: exponential}", "0",
	 "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION=explicit_bucket_histogram", "1",
	 "export.histograms=exponential", "0"},
	{aggregation, "export: {histograms: explicit}", "1",
	 "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION="
	 "base2_exponential_bucket_histogram",
	 "0", "export.histograms=explicit", "1"},
	{interval, "export: {interval_ms: 1000}", "1000", "OTEL_METRIC_EXPORT_INTERVAL=60000",
	 "60000", "export.interval_ms=500", "500"},
	{family, "wait_family: epoll", "1", "LOOPSCOPE_WAIT_FAMILY=Poll", "2", "wait_family=aio",
	 "5"},
	{family, "wait_family: epoll", "1", "LOOPSCOPE_WAIT_FAMILY=auto", "0", NULL, NULL},
	{export, "export: {to: none}", "0", "OTEL_METRICS_EXPORTER=otlp", "1", "export.to=stdout",
	 "2"},
	{export, "export: {to: otlp}", "1", "OTEL_METRICS_EXPORTER=console", "2", "export.to=none",
	 "0"},
	{export, "export: {to: otlp}", "1", "OTEL_METRICS_EXPORTER=none", "0", "export.to=stdout",
	 "2"},
	{export, "export: {to: otlp}", "1", "OTEL_METRICS_EXPORTER=prometheus", "0",
	 "export.to=stdout", "2"},
	{export, "export: {to: none}", "0", "OTEL_METRICS_EXPORTER=prometheus, otlp", "1",
	 "export.to=stdout", "2"},
	{service, "agent: {service_name: f}", "f", "OTEL_SERVICE_NAME=e", "e",
	 "agent.service_name=g", "g"},
	{service, "agent: {service_name: f}", "f", "SERVICE_NAME=e", "e", "agent.service_name=g",
	 "g"},
	{service, "agent: {service_name: f}", "f", "OTEL_RESOURCE_ATTRIBUTES=service.name=e", "e",
	 "agent.service_name=g", "g"},
	{pod, "agent: {pod_name: f}", "f", "K8S_POD_NAME=e", "e", "agent.pod_name=g", "g"},
	{namespace, "agent: {namespace: f}", "f", "K8S_NAMESPACE=e", "e", "agent.namespace=g", "g"},
	{node, "kubernetes: {node_name: f}", "f", "K8S_NODE_NAME=e", "e", "kubernetes.node_name=g",
	 "g"},
	{node, "kubernetes: {node_name: f}", "f", "OTEL_RESOURCE_ATTRIBUTES=k8s.node.name=e", "e",
	 "kubernetes.node_name=g", "g"},
	{cluster, "kubernetes: {cluster_name: f}", "f", "K8S_CLUSTER_NAME=e", "e",
	 "kubernetes.cluster_name=g", "g"},
	{cluster, "kubernetes: {cluster_name: f}", "f",
	 "OTEL_RESOURCE_ATTRIBUTES=k8s.cluster.name=e", "e", "kubernetes.cluster_name=g", "g"},
};

static void assert_field(const struct row *row, const struct loaded *loaded, const char *expected)
{
	char buffer[64];
	const char *value = row->field(loaded_good(loaded), buffer);

	if (strcmp(value, expected))
		fail_msg("%s: '%s' instead of '%s'", row->variable, value, expected);
}

static void test_precedence(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct row *row = &rows[i];
		const char *environ_[] = {row->variable, NULL}, *flags[] = {row->flag, NULL};
		_cleanup_(loaded_done) struct loaded of_file = load_yaml(row->yaml);
		_cleanup_(loaded_done) struct loaded of_variable =
			load_all(row->yaml, environ_, NULL);
		_cleanup_(loaded_done) struct loaded of_flag = {};

		assert_field(row, &of_file, row->of_file);
		assert_field(row, &of_variable, row->of_variable);
		if (!row->flag)
			continue;
		of_flag = load_all(row->yaml, environ_, flags);
		assert_field(row, &of_flag, row->of_flag);
	}
}

/* Each pair: what both are set to, the second one over the first, in whatever order. */
static void test_general_and_signal(void **state)
{
	static const struct {
		field_fn field;
		const char *lower, *upper, *expected;
	} cases[] = {
		{endpoint, "OTEL_EXPORTER_OTLP_ENDPOINT=http://g",
		 "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://s/", "http://s/"},
		{protocol, "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf",
		 "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=grpc", "1"},
		{gzip, "OTEL_EXPORTER_OTLP_COMPRESSION=gzip",
		 "OTEL_EXPORTER_OTLP_METRICS_COMPRESSION=none", "0"},
		{headers, "OTEL_EXPORTER_OTLP_HEADERS=a=g",
		 "OTEL_EXPORTER_OTLP_METRICS_HEADERS=b=s", "s"},
		{timeout, "OTEL_EXPORTER_OTLP_TIMEOUT=5", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=6",
		 "6"},
		{timeout, "OTEL_METRIC_EXPORT_TIMEOUT=5", "OTEL_EXPORTER_OTLP_TIMEOUT=6", "6"},
		{ca_file, "OTEL_EXPORTER_OTLP_CERTIFICATE=/g",
		 "OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE=/s", "/s"},
		{service, "SERVICE_NAME=g", "OTEL_SERVICE_NAME=s", "s"},
		{service, "SERVICE_NAME=g", "OTEL_RESOURCE_ATTRIBUTES=service.name=s", "s"},
		{service, "OTEL_RESOURCE_ATTRIBUTES=service.name=g", "OTEL_SERVICE_NAME=s", "s"},
		{node, "OTEL_RESOURCE_ATTRIBUTES=k8s.node.name=g", "K8S_NODE_NAME=s", "s"},
		{cluster, "OTEL_RESOURCE_ATTRIBUTES=k8s.cluster.name=g", "K8S_CLUSTER_NAME=s", "s"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(loaded_done) struct loaded one =
			load_with("", cases[i].lower, cases[i].upper);
		_cleanup_(loaded_done) struct loaded other =
			load_with("", cases[i].upper, cases[i].lower);
		char buffer[64];

		assert_string_equal(cases[i].field(loaded_good(&one), buffer), cases[i].expected);
		assert_string_equal(cases[i].field(loaded_good(&other), buffer), cases[i].expected);
	}
}

static void test_empty_is_unset(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_cleanup_(loaded_done) struct loaded loaded = {};
		char variable[128];

		snprintf(variable, sizeof(variable), "%.*s= ", (int)strcspn(rows[i].variable, "="),
			 rows[i].variable);
		loaded = load_with(rows[i].yaml, variable, NULL);
		assert_field(&rows[i], &loaded, rows[i].of_file);
	}
}

static void test_endpoints(void **state)
{
	static const struct {
		const char *first, *second, *expected;
	} cases[] = {
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://h:4318", "", "http://h:4318/v1/metrics"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://h:4318/", "", "http://h:4318/v1/metrics"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=https://h/otlp", "", "https://h/otlp/v1/metrics"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=https://h/otlp/", "", "https://h/otlp/v1/metrics"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://[::1]:1", "", "http://[::1]:1/v1/metrics"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://h:4318", "", "http://h:4318/"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://h/", "", "http://h/"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://h/x?k=v", "", "http://h/x?k=v"},
		{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://h?k=v", "", "http://h/?k=v"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "", "http://localhost:4317"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=http://h:1",
		 "http://h:1"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=http://h:1/",
		 "http://h:1"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=h:1",
		 "https://h:1"},
	};
	static const char *const insecure[] = {"OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
					       "OTEL_EXPORTER_OTLP_ENDPOINT=h:1",
					       "OTEL_EXPORTER_OTLP_INSECURE=True", NULL};
	static const char *const secure[] = {"OTEL_EXPORTER_OTLP_PROTOCOL=grpc",
					     "OTEL_EXPORTER_OTLP_ENDPOINT=h:1",
					     "OTEL_EXPORTER_OTLP_INSECURE=true",
					     "OTEL_EXPORTER_OTLP_METRICS_INSECURE=false", NULL};
	_cleanup_(loaded_done) struct loaded plain = load_all("", insecure, NULL);
	_cleanup_(loaded_done) struct loaded tls = load_all("", secure, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(loaded_done) struct loaded loaded =
			load_with("", cases[i].first, cases[i].second);

		assert_string_equal(loaded_good(&loaded)->otlp.endpoint, cases[i].expected);
	}
	assert_string_equal(loaded_good(&plain)->otlp.endpoint, "http://h:1");
	assert_string_equal(loaded_good(&tls)->otlp.endpoint, "https://h:1");
}

static void test_resource(void **state)
{
	_cleanup_(loaded_done) struct loaded loaded =
		load_with("attributes: {resource: {team: a, region: b}}",
			  "OTEL_RESOURCE_ATTRIBUTES=team=c%20d,service.name=me,zone=e,"
			  "k8s.pod.name=pod,k8s.namespace.name=space",
			  "K8S_POD_NAME=own");
	const struct settings *settings = loaded_good(&loaded);

	(void)state;
	assert_string_equal(settings->agent_service_name, "me");
	assert_string_equal(settings->agent_pod_name, "own");
	assert_string_equal(settings->agent_namespace, "space");
	assert_int_equal(settings->resource.nr, 3);
	assert_string_equal(settings->resource.items[0].key, "team");
	assert_string_equal(settings->resource.items[0].value, "c d");
	assert_string_equal(settings->resource.items[1].key, "zone");
	assert_string_equal(settings->resource.items[2].key, "region");
	assert_string_equal(settings->resource.items[2].value, "b");
}

/* The pod and container that the agent is in are no other process's; cluster and node are. */
static void test_resource_of_a_pod(void **state)
{
	_cleanup_(loaded_done) struct loaded loaded =
		load_with("attributes: {resource: {service.version: a}}",
			  "OTEL_RESOURCE_ATTRIBUTES=service.version=4,k8s.pod.uid=1,"
			  "k8s.container.name=agent,"
			  "k8s.daemonset.name=loopscope,container.id=2,service.instance.id=3,"
			  "k8s.cluster.name=prod,k8s.node.name=n1",
			  NULL);
	const struct settings *settings = loaded_good(&loaded);

	(void)state;
	assert_int_equal(settings->resource.nr, 3);
	assert_string_equal(settings->resource.items[0].key, "k8s.cluster.name");
	assert_string_equal(settings->resource.items[0].value, "prod");
	assert_string_equal(settings->resource.items[1].key, "k8s.node.name");
	assert_string_equal(settings->resource.items[1].value, "n1");
	assert_string_equal(settings->resource.items[2].key, "service.version");
	assert_string_equal(settings->resource.items[2].value, "a");
}

static void test_wrong(void **state)
{
	static const struct {
		const char *variable, *line;
	} cases[] = {
		{"OTEL_METRIC_EXPORT_INTERVAL=x",
		 "environment: OTEL_METRIC_EXPORT_INTERVAL: \"x\" is not a number of "
		 "milliseconds; allowed: 100 to 86400000"},
		{"OTEL_EXPORTER_OTLP_TIMEOUT=-1",
		 "environment: OTEL_EXPORTER_OTLP_TIMEOUT: \"-1\" is not a number of "
		 "milliseconds; allowed: 1 to 3600000"},
		{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL=http/json",
		 "environment: OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: \"http/json\" is not a known "
		 "word; allowed: http/protobuf, grpc"},
		{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=none",
		 "environment: OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: \"none\" is not "
		 "a known word; allowed: cumulative, delta, lowmemory"},
		{"OTEL_EXPORTER_OTLP_INSECURE=1",
		 "environment: OTEL_EXPORTER_OTLP_INSECURE: \"1\" is not true or false; allowed: "
		 "true, false"},
		{"OTEL_METRICS_EXPORTER=zipkin",
		 "environment: OTEL_METRICS_EXPORTER: \"zipkin\" is not an exporter that can be "
		 "used; allowed: otlp, prometheus, console, none"},
		{"OTEL_METRICS_EXPORTER=otlp,console",
		 "environment: OTEL_METRICS_EXPORTER: \"console\" is not an exporter that can be "
		 "used beside another; allowed: otlp, prometheus, console, none"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=h:4318",
		 "environment: OTEL_EXPORTER_OTLP_ENDPOINT: \"h:4318\" begins with neither "
		 "http:// nor https://"},
		{"OTEL_EXPORTER_OTLP_ENDPOINT=http://h/?x",
		 "environment: OTEL_EXPORTER_OTLP_ENDPOINT: \"http://h/?x\" has a query, behind "
		 "which no path can be put: use OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"},
		{"OTEL_EXPORTER_OTLP_HEADERS=secret",
		 "environment: OTEL_EXPORTER_OTLP_HEADERS: is not written as "
		 "name=value,name2=value2"},
		{"OTEL_EXPORTER_OTLP_HEADERS=a=secret%2",
		 "environment: OTEL_EXPORTER_OTLP_HEADERS: holds a % that is not followed by two "
		 "hexadecimal digits: write %25 for the character itself"},
		{"OTEL_EXPORTER_OTLP_HEADERS=a=secret%00",
		 "environment: OTEL_EXPORTER_OTLP_HEADERS: holds a % that is not followed by two "
		 "hexadecimal digits: write %25 for the character itself"},
		{"OTEL_EXPORTER_OTLP_HEADERS=a=secret%0a",
		 "environment: OTEL_EXPORTER_OTLP_HEADERS: the value holds a line break or "
		 "another control character"},
		{"OTEL_RESOURCE_ATTRIBUTES=a=1,a=2",
		 "environment: OTEL_RESOURCE_ATTRIBUTES: a name is given twice"},
		{"K8S_POD_NAME=\xff", "environment: K8S_POD_NAME: \"\xef\xbf\xbd\" is not UTF-8"},
		{"OTEL_EXPORTER_OTLP_CLIENT_KEY=/k",
		 "environment: OTEL_EXPORTER_OTLP_CLIENT_KEY: needs "
		 "export.otlp.tls.certificate_file too"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(loaded_done) struct loaded loaded =
			load_with("", cases[i].variable, NULL);

		assert_said_only(&loaded, cases[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),     cmocka_unit_test(test_general_and_signal),
		cmocka_unit_test(test_empty_is_unset), cmocka_unit_test(test_endpoints),
		cmocka_unit_test(test_resource),       cmocka_unit_test(test_resource_of_a_pod),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests_name("settings_env", tests, NULL, NULL);
}
