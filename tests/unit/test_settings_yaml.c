/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file as a whole: what is not a configuration, and all errors of one at once. */
#include "unit.h"

#include <errno.h>
#include <string.h>

#include "base/buffer.h"
#include "settings_fixture.h"

static void test_nothing(void **state)
{
	static const char *const texts[] = {"",
					    "\n\n",
					    "# nothing\n",
					    "---\n",
					    "--- {}\n...\n",
					    "~\n",
					    "\xef\xbb\xbf# with a byte order mark\n",
					    "export:\nprometheus:\n",
					    "export: {otlp: {tls: }}\n"};
	_cleanup_(loaded_done) struct loaded defaults = load_yaml("");
	_cleanup_(freep) char *expected = printed(loaded_good(&defaults));

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(loaded_done) struct loaded loaded = load_yaml(texts[i]);
		_cleanup_(freep) char *text = printed(loaded_good(&loaded));

		assert_string_equal(text, expected);
	}
}

/* One mistake each, and the one line that is said of it. */
static void test_one_error(void **state)
{
	static const struct {
		const char *yaml, *line;
	} cases[] = {
		{"exprot: {}", "test.yaml:1:1: unknown key \"exprot\"; did you mean export?"},
		{"export:\n  intervall_ms: 5\n",
		 "test.yaml:2:3: export: unknown key \"intervall_ms\"; did you mean interval_ms?"},
		{"log:\n  color: true\n",
		 "test.yaml:2:3: log: unknown key \"color\"; known here: level, format"},
		{"export.to: none\n",
		 "test.yaml:1:1: unknown key \"export.to\": the parts of a path "
		 "are nested in the file, each a mapping of its own"},
		{"'targets[]': {}\n",
		 "test.yaml:1:1: unknown key \"targets[]\"; did you mean targets?"},
		{"'': 1\n", "test.yaml:1:1: unknown key \"\"; known here: targets, thresholds, "
			    "check_interval_ms, wait_family, export, prometheus, kubernetes, "
			    "stalls, attributes, "
			    "metrics, limits, agent, log"},
		{"log: {level: info}\nlog: {format: json}\n",
		 "test.yaml:2:1: the key \"log\" was given before, in line 1"},
		{"log: {level: info,\n level: info}\n",
		 "test.yaml:2:2: log: the key \"level\" was given before, in line 1"},
		{"[a]: b\n", "test.yaml:1:1: a key must be a plain word"},
		{"- a\n", "test.yaml:1:1: a list is where a mapping is due"},
		{"text\n", "test.yaml:1:1: a single value is where a mapping is due"},
		{"export: otlp\n",
		 "test.yaml:1:9: export: a single value is where a mapping is due"},
		{"thresholds:\n  blocking_ms: fast\n", "test.yaml:2:16: thresholds.blocking_ms: "
						       "\"fast\" is not a number of milliseconds; "
						       "allowed: 0.001 to 3600000"},
		{"log: {level: !mine info}\n",
		 "test.yaml:1:14: log.level: tags of one's own have no meaning here"},
		{"agent: {pod_name: \"a\\0b\"}\n",
		 "test.yaml:1:19: agent.pod_name: the text holds a NUL character"},
		{"agent: {pod_name: \"a\\nb\"}\n",
		 "test.yaml:1:19: agent.pod_name: \"a?b\" holds a line break or another control "
		 "character"},
		{"targets: [{name: a}, {name: b}, {name: a}]\n",
		 "test.yaml:1:33: targets[2]: the name is that of targets[0] already"},
		{"targets: [{include: []}]\n", "test.yaml:1:11: targets[0]: the group has no name"},
		{"targets: [{name: a, include: [{}]}]\n",
		 "test.yaml:1:31: targets[0].include[0]: no pattern is given; allowed: comm, "
		 "executable, cgroup, container, namespace, pod, pod_labels, container_name"},
		{"targets: [{name: a, include: {namespace: shop}}]\n",
		 "test.yaml:1:30: targets[0].include: a mapping is where a list of patterns by "
		 "what "
		 "they match is due: begin each of its items with -"},
		{"kubernetes: {wait_ms: 5s}\n", "test.yaml:1:23: kubernetes.wait_ms: \"5s\" is not "
						"a number of milliseconds: write "
						"5000; allowed: 0 to 60000"},
		{"kubernetes: {wait_ms: 0.25 min}\n",
		 "test.yaml:1:23: kubernetes.wait_ms: \"0.25 min\" is not a number of "
		 "milliseconds: write 15000; allowed: 0 to 60000"},
		{"kubernetes: {pods: none}\n"
		 "targets:\n- name: a\n  include: [{comm: b}]\n  exclude: [{comm: c}, {pod: d}]\n"
		 "- {name: e, include: [{namespace: f}]}\n",
		 "test.yaml:5:24: targets[0].exclude[1]: takes pods to tell, but kubernetes.pods "
		 "is "
		 "none, so that none are known: set that to auto, api or kubelet"},
		{"targets: [x]\n",
		 "test.yaml:1:11: targets[0]: a single value is where a mapping is due"},
		{"export: {bounds_ms: [1, 5, 2]}\n",
		 "test.yaml:1:28: export.bounds_ms[2]: \"2\" is not above the bound before it: "
		 "bounds ascend"},
		{"export: {bounds_ms: [1, 1]}\n",
		 "test.yaml:1:25: export.bounds_ms[1]: \"1\" is not above the bound before it: "
		 "bounds ascend"},
		{"export: {bounds_ms: [0, 1]}\n",
		 "test.yaml:1:22: export.bounds_ms[0]: \"0\" is out of range; allowed: 0.001 to "
		 "3600000"},
		{"export: {bounds_ms: [.inf]}\n",
		 "test.yaml:1:22: export.bounds_ms[0]: \".inf\" is not a number of milliseconds; "
		 "allowed: 0.001 to 3600000"},
		{"attributes: {keep: ['[a']}\n",
		 "test.yaml:1:21: attributes.keep[0]: \"[a\" has a [ without its ]"},
		{"attributes: {drop: [a, b, a]}\n",
		 "test.yaml:1:27: attributes.drop[2]: \"a\" is in the list twice"},
		{"attributes: {resource: {a: [1]}}\n",
		 "test.yaml:1:28: attributes.resource.a: a list is where a single value is due"},
		{"attributes: {resource: {a: 1, a: 2}}\n",
		 "test.yaml:1:34: attributes.resource.a: a name is given twice"},
		{"export: {otlp: {headers: {A: x, a: y}}}\n",
		 "test.yaml:1:36: export.otlp.headers: a name is given twice"},
		{"export: {otlp: {headers: {'a b': x}}}\n",
		 "test.yaml:1:34: export.otlp.headers: the name of a header has letters, digits "
		 "and -_. in it, no spaces and no colon"},
		{"export: {otlp: {headers: {Content-Type: x}}}\n",
		 "test.yaml:1:41: export.otlp.headers: content-type and the like are set by the "
		 "exporter itself"},
		{"export: {to: file}\n",
		 "test.yaml:1:14: export.to: \"file\" needs export.file too: the file to write to"},
		{"export: {otlp: {protocol: grpc, endpoint: 'http://h:1/v1/metrics'}}\n",
		 "test.yaml:1:43: export.otlp.endpoint: \"http://h:1/v1/metrics\" has a path, but "
		 "gRPC takes none: http://HOST:4317"},
		{"a: 1\n--- \nb: 1\n",
		 "test.yaml:2:1: a second document begins here; allowed: one in a file"},
		{"log: {level: \xff}\n",
		 "test.yaml:1:14: the file is not UTF-8 text: invalid leading UTF-8 octet"},
		{"\xff\xfe"
		 "a",
		 "test.yaml:1:1: the file is not UTF-8 text: invalid leading UTF-8 "
		 "octet"},
		{"log: [\n", "test.yaml:2:1: this is not YAML: did not find expected node content, "
			     "while parsing a flow node"},
		{"log:\n\tlevel: info\n",
		 "test.yaml:2:1: this is not YAML: found character that cannot start any token, "
		 "while scanning for the next token"},
		{"log: *nowhere\n", "test.yaml:1:6: this is not YAML: found undefined alias"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(loaded_done) struct loaded loaded = load_yaml(cases[i].yaml);

		assert_said_only(&loaded, cases[i].line);
	}
}

static void test_all_at_once(void **state)
{
	static const char yaml[] = "log: {level: loud, colour: red}\n"
				   "targets:\n"
				   "  - name: a\n"
				   "    include: [{comm: '['}, {}]\n"
				   "    thresholds: {blocking_ms: 0}\n"
				   "export:\n"
				   "  to: file\n" /* seen last, since it takes another key to see */
				   "  interval_ms: soon\n"
				   "limits: {loops: 0}\n";
	static const char *const environ_[] = {"OTEL_METRIC_EXPORT_INTERVAL=x", NULL};
	static const char *const flags[] = {"limits.series=0", "nonsense=1", NULL};
	static const char *const places[] = {
		"test.yaml:1:14: log.level: ",
		"test.yaml:1:20: log: ",
		"test.yaml:4:22: targets[0].include[0].comm: ",
		"test.yaml:4:28: targets[0].include[1]: ",
		"test.yaml:5:31: targets[0].thresholds.blocking_ms: ",
		"test.yaml:7:7: export.to: ",
		"test.yaml:8:16: export.interval_ms: ",
		"test.yaml:9:17: limits.loops: ",
		"environment: OTEL_METRIC_EXPORT_INTERVAL: ",
		"command line: limits.series: ",
		"command line: unknown key ",
	};
	_cleanup_(loaded_done) struct loaded loaded = load_all(yaml, environ_, flags);

	(void)state;
	assert_int_equal(loaded.result, -EINVAL);
	assert_int_equal(loaded.errors.nr, ARRAY_SIZE(places));
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (strncmp(loaded.errors.lines[i], places[i], strlen(places[i])))
			fail_msg("'%s' is not of %s", loaded.errors.lines[i], places[i]);
	}
}

static void test_error_cap(void **state)
{
	_cleanup_(buffer_done) struct buffer yaml = {};
	_cleanup_(loaded_done) struct loaded loaded = {};

	(void)state;
	for (int i = 0; i < 20000; i++)
		buffer_printf(&yaml, "key_%d: 1\n", i);
	loaded = load_bytes((char *)yaml.data, yaml.size);
	assert_int_equal(loaded.result, -EINVAL);
	assert_int_equal(loaded.errors.nr, 101);
	assert_said(&loaded, "there may be more");
	assert_said(&loaded, "test.yaml:100:1: ");
}

static void test_more_errors_are_announced(void **state)
{
	_cleanup_(buffer_done) struct buffer yaml = {};
	_cleanup_(loaded_done) struct loaded loaded = {};

	(void)state;
	buffer_append_text(&yaml, "attributes: {keep: [");
	for (int i = 0; i < 200; i++)
		buffer_append_text(&yaml, "'[', ");
	buffer_append_text(&yaml, "]}\n");
	loaded = load_bytes((char *)yaml.data, yaml.size);
	assert_int_equal(loaded.errors.nr, 101);
	assert_string_equal(loaded.errors.lines[100],
			    "these are the first errors: there may be more");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_one_error),
		cmocka_unit_test(test_all_at_once),
		cmocka_unit_test(test_error_cap),
		cmocka_unit_test(test_more_errors_are_announced),
	};

	return cmocka_run_group_tests_name("settings_yaml", tests, NULL, NULL);
}
