/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What is printed: it loads to the same, has no secrets; the example and the reference. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/settings/settings_keys.h"
#include "settings_fixture.h"

#define EXAMPLE "configs/loopscope.yaml"

/* Every key, none with its default. */
static const char everything[] =
	"targets:\n"
	"  - name: 'a \"b\" \\ c'\n"
	"    include: [{comm: 'r*', executable: /x/*}, {cgroup: /c, container: '[0-9]*'}]\n"
	"    exclude: [{executable: \"\\u00e9\"}, {comm: '$a'}]\n"
	"    thresholds: {blocking_ms: 0.1, lag_p95_ms: 0.3, utilization: 33.3, stall_age_ms: 7}\n"
	"  - {name: b}\n"
	"  - name: pods\n"
	"    include: [{namespace: 'shop-*', pod_labels: 'app in (a,b),!c', container_name: w}]\n"
	"    exclude: [{pod_labels: d}, {namespace: '*'}, {pod: p-1}, {container_name: '?'}]\n"
	"thresholds: {blocking_ms: 20.125, lag_p95_ms: 1, utilization: 2, stall_age_ms: 3}\n"
	"check_interval_ms: 33\n"
	"wait_family: aio\n"
	"export:\n"
	"  to: file\n"
	"  file: /f\n"
	"  interval_ms: 100\n"
	"  temporality: delta\n"
	"  histograms: explicit\n"
	"  bounds_ms: [0.001, 0.3, 3600000]\n"
	"  otlp:\n"
	"    endpoint: https://h/p?q=$$\n"
	"    protocol: http/protobuf\n"
	"    compression: none\n"
	"    headers: {a: s3cret, b: 's3cret \"two\"'}\n"
	"    timeout_ms: 3\n"
	"    max_request_bytes: 65536\n"
	"    proxy: http://user:s3cret@p:1\n"
	"    tls: {ca_file: /a, certificate_file: /b, key_file: /c, insecure_skip_verify: true}\n"
	"prometheus:\n"
	"  listen: none\n"
	"  bounds_ms: [5]\n"
	"  labels: []\n"
	"  tls: {certificate_file: /d, key_file: /e}\n"
	"  basic_auth: {username: u, password: '${PASSWORD:-s3cret}'}\n"
	"kubernetes:\n"
	"  pods: api\n"
	"  cluster_name: c\n"
	"  node_name: n\n"
	"  kubeconfig: /k\n"
	"  kubelet: {endpoint: 'http://h:10255', ca_file: /l, insecure_skip_verify: true, "
	"interval_ms: 1000}\n"
	"  wait_ms: 0\n"
	"  grace_ms: 1\n"
	"  max_pods: 2\n"
	"  labels: ['app.kubernetes.io/*', a]\n"
	"  annotations: [b]\n"
	"  annotated_thresholds: true\n"
	"stalls: {enabled: false, per_minute: 3, stacks_per_minute: 4, logs: false, "
	"logs_per_minute: 5, tell_after_ms: 6, error_factor: 7, exemplars: false, "
	"culprit_attribute: true, culprits: 9, profiles: true}\n"
	"attributes:\n"
	"  resource: {'k$y: \"': '${:-file:}/x', n: 'null', t: 'true', e: ''}\n"
	"  keep: ['*']\n"
	"  drop: ['a,b', '${:-$}{x}']\n"
	"  command_arguments: true\n"
	"  read_environment: false\n"
	"metrics: {process: false, nodejs: false}\n"
	"limits: {loops: 1, series: 3, log_records_per_minute: 0, blocked_syscalls: 0}\n"
	"agent: {service_name: '~', pod_name: p, namespace: n, lock_file: l, "
	"shutdown_timeout_ms: 1}\n"
	"log: {level: error, format: json}\n";

static void assert_same_print(const char *text)
{
	_cleanup_(loaded_done) struct loaded first = load_yaml(text);
	_cleanup_(freep) char *once = printed(loaded_good(&first));
	_cleanup_(loaded_done) struct loaded second = load_yaml(once);
	_cleanup_(freep) char *twice = printed(loaded_good(&second));

	assert_string_equal(once, twice);
}

static void test_round_trip(void **state)
{
	(void)state;
	assert_same_print("");
	assert_same_print(everything);
	assert_same_print("export: {otlp: {protocol: grpc, endpoint: 'https://h'}}");
}

/* What is printed is what was loaded, and not only the same twice. */
static void test_values(void **state)
{
	static const char *const lines[] = {
		"  - name: \"a \\\"b\\\" \\\\ c\"\n",
		"      - comm: \"r*\"\n        executable: \"/x/*\"\n",
		"      - cgroup: \"/c\"\n        container: \"[0-9]*\"\n",
		"      utilization: 33.3\n",
		"  - name: \"b\"\n    include: []\n    exclude: []\n    thresholds:\n"
		"      blocking_ms: 20.125\n",
		"  - name: \"pods\"\n    include:\n      - namespace: \"shop-*\"\n"
		"        pod_labels: \"app in (a,b),!c\"\n        container_name: \"w\"\n"
		"    exclude:\n      - pod_labels: \"d\"\n      - namespace: \"*\"\n      - pod: "
		"\"p-1\"\n"
		"      - container_name: \"?\"\n",
		"\ncheck_interval_ms: 33\nwait_family: \"aio\"\nexport:\n  to: \"file\"\n  file: "
		"\"/f\"\n",
		"  bounds_ms: [0.001, 0.3, 3600000]\n",
		"    endpoint: \"https://h/p?q=$$\"\n",
		"    compression: \"none\"\n",
		"    tls:\n      ca_file: \"/a\"\n",
		"\nprometheus:\n  listen: \"\"\n",
		"\nkubernetes:\n  pods: \"api\"\n",
		"  kubelet:\n    endpoint: \"http://h:10255\"\n",
		"  labels: [\"app.kubernetes.io/*\", \"a\"]\n",
		"{\"k$y: \\\"\": \"${:-file:}/x\", \"n\": \"null\", \"t\": \"true\", \"e\": "
		"\"\"}\n",
		"  drop: [\"a,b\", \"$${x}\"]\n",
		"  blocked_syscalls: 0\n",
	};
	_cleanup_(loaded_done) struct loaded loaded = load_yaml(everything);
	_cleanup_(freep) char *text = printed(loaded_good(&loaded));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (!strstr(text, lines[i]))
			fail_msg("'%s' is not in\n%s", lines[i], text);
	}
}

static void test_no_secrets(void **state)
{
	_cleanup_(loaded_done) struct loaded loaded = load_yaml(everything);
	_cleanup_(freep) char *text = printed(loaded_good(&loaded));

	(void)state;
	assert_null(strstr(text, "s3cret"));
	assert_non_null(strstr(text, "headers: {\"a\": \"***\", \"b\": \"***\"}\n"));
	assert_non_null(strstr(text, "password: \"***\"\n"));
	assert_non_null(strstr(text, "proxy: \"http://***@p:1\"\n"));
	assert_string_equal(loaded.settings->otlp.headers.items[1].value, "s3cret \"two\"");
	assert_string_equal(loaded.settings->prometheus.password, "s3cret");
	assert_string_equal(loaded.settings->otlp.proxy, "http://user:s3cret@p:1");
}

static char *read_example(void)
{
	_cleanup_(fclosep) FILE *file = fopen(EXAMPLE, "re");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_non_null(text);
	assert_true(fread(text, 1, 65535, file) < 65535);
	return text;
}

static void test_example_is_the_defaults(void **state)
{
	_cleanup_(freep) char *example = read_example();
	_cleanup_(loaded_done) struct loaded loaded = load_yaml(example);
	_cleanup_(loaded_done) struct loaded defaults = load_yaml("");
	_cleanup_(freep) char *text = printed(loaded_good(&loaded));
	_cleanup_(freep) char *expected = printed(loaded_good(&defaults));

	(void)state;
	assert_string_equal(text, expected);
}

/*
 * Whether a line of the example that is no comment gives the key; its mappings are
 * all in block style, two spaces a level.
 */
static bool example_gives(const char *example, const char *path)
{
	char at[128] = "";

	for (const char *line = example; line; line = strchr(line, '\n')) {
		size_t depth, length;
		char *end = at;

		line += *line == '\n';
		depth = strspn(line, " ") / 2;
		length = strcspn(line, ":#-\n");
		if (line[length] != ':')
			continue;
		while (depth-- && strchr(end, '.')) /* keep what is above it */
			end = strchr(end, '.') + 1;
		snprintf(end, sizeof(at) - (size_t)(end - at), "%.*s.",
			 (int)(length - strspn(line, " ")), line + strspn(line, " "));
		if (!strncmp(at, path, strlen(path)) && !strcmp(at + strlen(path), "."))
			return true;
	}
	return false;
}

/* Keys of groups are in the comment's example too. */
static bool example_explains(const char *example, const char *path)
{
	char key[64];

	snprintf(key, sizeof(key), "%s:", strrchr(path, '.') + 1);
	return strstr(example, key);
}

static void test_example_has_every_key(void **state)
{
	_cleanup_(freep) char *example = read_example();

	(void)state;
	for (size_t i = 0; i < nr_setting_keys; i++) {
		const char *path = setting_keys[i].path;

		if (!(strchr(path, '[') ? example_explains : example_gives)(example, path))
			fail_msg("%s is not in " EXAMPLE, path);
	}
	assert_false(example_gives(example, "prometheus.file"));
}

static void test_reference(void **state)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(settings_help(out), 0);
	fclose(out);
	for (size_t i = 0; i < nr_setting_keys; i++) {
		char heading[128];

		snprintf(heading, sizeof(heading), "\n\n%s\n    ", setting_keys[i].path);
		if (!strstr(text, heading))
			fail_msg("%s is not in the reference", setting_keys[i].path);
	}
	assert_non_null(strstr(text, "Takes a number of milliseconds: 100 to 86400000. Default: "
				     "10000.\n    Environment: OTEL_METRIC_EXPORT_INTERVAL.\n"));
	assert_non_null(strstr(text, "A change takes effect at the next start."));
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		if (strlen(line) > 100)
			fail_msg("too wide: %s", line);
	}
}

static void test_fixed_changes(void **state)
{
	_cleanup_(loaded_done) struct loaded now =
		load_yaml("limits: {loops: 5, log_records_per_minute: 7}");
	_cleanup_(loaded_done) struct loaded same =
		load_yaml("limits: {loops: 5, log_records_per_minute: 8}\n"
			  "kubernetes: {pods: none, labels: [a], wait_ms: 0, cluster_name: c}");
	_cleanup_(loaded_done) struct loaded next = load_yaml(
		"limits: {loops: 6}\nprometheus: {tls: {certificate_file: /c, key_file: /k}}");
	_cleanup_(loaded_done) struct loaded other = load_yaml(
		"limits: {loops: 6}\nprometheus: {tls: {certificate_file: /c, key_file: /l}}");
	_cleanup_(loaded_done) struct loaded pods =
		load_yaml("limits: {loops: 5}\nkubernetes: {grace_ms: 1, max_pods: 2, wait_ms: 3}");
	_cleanup_(text_list_done) struct text_list keys = {}, two = {}, one = {}, none = {};

	(void)state;
	assert_int_equal(settings_fixed_changes(now.settings, same.settings, &keys), 0);
	assert_int_equal(keys.nr, 0);
	assert_int_equal(settings_fixed_changes(now.settings, next.settings, &keys), 0);
	assert_int_equal(keys.nr, 3);
	assert_string_equal(keys.items[0], "prometheus.tls.certificate_file");
	assert_string_equal(keys.items[1], "prometheus.tls.key_file");
	assert_string_equal(keys.items[2], "limits.loops");
	assert_int_equal(settings_fixed_changes(same.settings, pods.settings, &two), 0);
	assert_int_equal(two.nr, 2);
	assert_string_equal(two.items[0], "kubernetes.grace_ms");
	assert_string_equal(two.items[1], "kubernetes.max_pods");
	assert_int_equal(settings_fixed_changes(next.settings, other.settings, &one), 0);
	assert_int_equal(one.nr, 1);
	assert_int_equal(settings_fixed_changes(next.settings, next.settings, &none), 0);
	assert_int_equal(none.nr, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_no_secrets),
		cmocka_unit_test(test_example_is_the_defaults),
		cmocka_unit_test(test_example_has_every_key),
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_fixed_changes),
	};

	return cmocka_run_group_tests_name("settings_print", tests, NULL, NULL);
}
