/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* References in values, to the environment and to files; no message shows what they bring. */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "settings_fixture.h"

static const char *const environ_[] = {"TOKEN=s3cret",    "EMPTY=",           "TOKENS=no", "MS=250",
				       "BROKEN=s3c\nret", "LATIN=s3c\xe9ret", NULL};

static struct loaded load_pod(const char *value)
{
	char yaml[256];

	snprintf(yaml, sizeof(yaml), "agent: {pod_name: %s}\n", value);
	return load_all(yaml, environ_, NULL);
}

static void test_variables(void **state)
{
	static const struct {
		const char *value, *expected;
	} cases[] = {
		{"\"${TOKEN}\"", "s3cret"},
		{"'a ${TOKEN} b ${TOKENS}'", "a s3cret b no"},
		{"\"${EMPTY}\"", ""},
		{"\"${EMPTY:-x}\"", "x"},
		{"\"${NONE:-}\"", ""},
		{"\"${NONE:-a b:-c}\"", "a b:-c"},
		{"\"${TOKEN:-x}\"", "s3cret"},
		{"'$${TOKEN}'", "${TOKEN}"},
		{"'$$$${TOKEN}$$'", "$${TOKEN}$"},
		{"'$TOKEN $'", "$TOKEN $"},
		{"'$$${TOKEN}'", "$s3cret"},
		{"'x file:/etc/passwd'", "x file:/etc/passwd"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(loaded_done) struct loaded loaded = load_pod(cases[i].value);

		assert_string_equal(loaded_good(&loaded)->agent_pod_name, cases[i].expected);
	}
}

/* What a variable holds is not looked into again, nor are flags and the environment. */
static void test_once(void **state)
{
	static const char *const twice[] = {"A=${B}", "B=$$", "K8S_NAMESPACE=${B}", NULL};
	static const char *const flags[] = {"agent.service_name=${B}", NULL};
	_cleanup_(loaded_done) struct loaded loaded =
		load_all("agent: {pod_name: '${A}'}", twice, flags);

	(void)state;
	assert_string_equal(loaded_good(&loaded)->agent_pod_name, "${B}");
	assert_string_equal(loaded.settings->agent_namespace, "${B}");
	assert_string_equal(loaded.settings->agent_service_name, "${B}");
}

static void test_everywhere(void **state)
{
	_cleanup_(loaded_done) struct loaded loaded =
		load_all("check_interval_ms: ${MS}\n"
			 "export: {bounds_ms: ['${MS}', 500], otlp: {headers: {a: 'x ${TOKEN}'}}}\n"
			 "attributes: {keep: ['${TOKEN}*'], resource: {'${k}': '${MS}'}}\n",
			 environ_, NULL);
	const struct settings *settings = loaded_good(&loaded);

	(void)state;
	assert_near(settings->check_interval_ms, 250, 0);
	assert_near(settings->histogram_bounds_ms[0], 250, 0);
	assert_string_equal(settings->otlp.headers.items[0].value, "x s3cret");
	assert_string_equal(settings->keep.items[0], "s3cret*");
	assert_string_equal(settings->resource.items[0].key, "${k}");
	assert_string_equal(settings->resource.items[0].value, "250");
}

/* The address of a pod's node, as Kubernetes has it, before a port. */
static void test_address_of_node(void **state)
{
	static const char *const cases[][2] = {
		{"HOST_IP=10.0.0.1", "https://10.0.0.1:10250"},
		{"HOST_IP=fd00::1", "https://[fd00::1]:10250"},
		{"HOST_IP=::ffff:10.0.0.1", "https://[::ffff:10.0.0.1]:10250"},
		{"HOST_IP=[fd00::1]", "https://[fd00::1]:10250"},
		{"HOST_IP=node-1.internal", "https://node-1.internal:10250"},
	};
	static const char *const endpoint[] = {"OTEL_EXPORTER_OTLP_ENDPOINT=http://fd00::1:4318",
					       NULL};
	static const char *const path[] = {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://::1:80/a:b",
					   NULL};
	_cleanup_(loaded_done) struct loaded otlp = load_all("", endpoint, NULL);
	_cleanup_(loaded_done) struct loaded otlp_path = load_all("", path, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const variables[] = {cases[i][0], NULL};
		_cleanup_(loaded_done) struct loaded loaded =
			load_all("kubernetes: {kubelet: {endpoint: 'https://${HOST_IP}:10250'}}",
				 variables, NULL);

		assert_string_equal(loaded_good(&loaded)->kubernetes.kubelet_endpoint, cases[i][1]);
	}
	assert_string_equal(loaded_good(&otlp)->otlp.endpoint, "http://[fd00::1]:4318/v1/metrics");
	assert_string_equal(loaded_good(&otlp_path)->otlp.endpoint, "http://[::1]:80/a:b");
}

static void test_wrong(void **state)
{
	static const struct {
		const char *value, *what;
	} cases[] = {
		{"'${NONE}'", "the environment has no NONE: set it, or give a default, as in "
			      "${NONE:-text}"},
		{"'${TOKE}'", "the environment has no TOKE: set it, or give a default, as in "
			      "${TOKE:-text}"},
		{"'${TOKEN'", "a ${ is neither ${NAME} nor ${NAME:-default}; write $$ for a $ that "
			      "is meant as itself"},
		{"'${}'", "a ${ is neither ${NAME} nor ${NAME:-default}; write $$ for a $ that is "
			  "meant as itself"},
		{"'${A B}'", "a ${ is neither ${NAME} nor ${NAME:-default}; write $$ for a $ that "
			     "is meant as itself"},
		{"'${TOKEN-x}'", "a ${ is neither ${NAME} nor ${NAME:-default}; write $$ for a $ "
				 "that is meant as itself"},
		{"'${BROKEN}'", "\"${BROKEN}\" holds a line break or another control character"},
		{"'${LATIN}'", "\"${LATIN}\" is not UTF-8"},
		{"file:relative", "file: takes a full path, as in file:/run/secrets/token"},
		{"file:/nowhere/at/all",
		 "the file \"/nowhere/at/all\" cannot be used: No such file or directory"},
		{"file:/etc", "the file \"/etc\" cannot be used: Is a directory"},
		{"file:/dev/zero", "the file \"/dev/zero\" cannot be used: is not a regular file"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(loaded_done) struct loaded loaded = load_pod(cases[i].value);
		char line[256];

		snprintf(line, sizeof(line), "test.yaml:1:19: agent.pod_name: %s", cases[i].what);
		assert_said_only(&loaded, line);
	}
}

/* A file in /tmp, with this in it. */
static void write_file(char path[64], const char *bytes, size_t size)
{
	int fd;

	strcpy(path, "/tmp/loopscope-secret-XXXXXX");
	fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static struct loaded load_file(const char *bytes, size_t size)
{
	char path[64], value[80];
	struct loaded loaded;

	write_file(path, bytes, size);
	snprintf(value, sizeof(value), "file:%s", path);
	loaded = load_pod(value);
	unlink(path);
	return loaded;
}

static void test_files(void **state)
{
	static const struct {
		const char *content, *expected;
	} cases[] = {{"s3cret", "s3cret"},
		     {"s3cret\n", "s3cret"},
		     {"s3cret\r\n", "s3cret"},
		     {"", ""},
		     {"\n", ""},
		     {"${TOKEN} $$", "${TOKEN} $$"},
		     {" a ", " a "}};
	_cleanup_(loaded_done) struct loaded nul = load_file("s3c\0ret", 7);
	_cleanup_(loaded_done) struct loaded lines = load_file("s3cret\nmore\n", 12);
	_cleanup_(loaded_done) struct loaded two_ends = load_file("s3cret\n\n", 8);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(loaded_done) struct loaded loaded =
			load_file(cases[i].content, strlen(cases[i].content));

		assert_string_equal(loaded_good(&loaded)->agent_pod_name, cases[i].expected);
	}
	assert_said(&nul, "is not text: it holds a NUL");
	assert_said(&lines, "holds a line break");
	assert_said(&two_ends, "holds a line break");
	assert_false(loaded_says(&lines, "s3cret"));
}

static void test_file_size(void **state)
{
	_cleanup_(freep) char *bytes = malloc(65537);
	_cleanup_(loaded_done) struct loaded largest = {}, larger = {};

	(void)state;
	assert_non_null(bytes);
	memset(bytes, 'a', 65537);
	largest = load_file(bytes, 65536); /* read whole, and too long for a name */
	assert_said(&largest, "is too long");
	larger = load_file(bytes, 65537);
	assert_said(&larger, "cannot be used: is larger than 64 KiB");
}

/* Whatever is wrong with a secret, and wherever it stands, it is in no message. */
static void test_no_secret_is_said(void **state)
{
	static const char *const files[] = {
		"export: {otlp: {headers: {a: \"s3cret\\n\"}}}",
		"export: {otlp: {headers: {'s3cret value': x}}}",
		"export: {otlp: {headers: {a: [s3cret]}}}",
		"export: {otlp: {headers: {a: !s s3cret}}}",
		"export: {otlp: {headers: {a: x, A: s3cret}}}",
		"export: {otlp: {headers: [a=s3cret]}}",
		"export: {otlp: {headers: s3cret}}",
		"export: {otlp: {endpoint: 'http://u:s3cret@h'}}",
		"export: {otlp: {endpoint: 'ftp://u:s3cret@h'}}",
		"export: {otlp: {proxy: 'ftp://u:s3cret@h'}}",
		"export: {otlp: {proxy: \"http://u:s3cret@h\\n\"}}",
		"export: {interval_ms: '${TOKEN}'}",
		"export: {to: '${TOKEN}'}",
		"export: {bounds_ms: ['${TOKEN}']}",
		"export: {otlp: {endpoint: '${TOKEN}'}}",
		"prometheus: {listen: '${TOKEN}'}",
		"prometheus: {basic_auth: {username: u, password: \"s3cret\\x01\"}}",
		"prometheus: {basic_auth: {username: u, password: [s3cret]}}",
		"prometheus: {basic_auth: {password: s3cret}}",
		"attributes: {keep: ['[${TOKEN}']}",
		"targets: [{name: a, include: [{pod_labels: 'a=b ${TOKEN}'}]}]",
		"kubernetes: {kubelet: {endpoint: '${TOKEN}'}}",
		"kubernetes: {kubelet: {endpoint: 'https://u:s3cret@h:10250'}}",
		"kubernetes: {pods: '${TOKEN}'}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		_cleanup_(loaded_done) struct loaded loaded = load_all(files[i], environ_, NULL);

		if (!loaded.result || loaded_says(&loaded, "s3cret"))
			fail_msg("%s: %s", files[i],
				 loaded.result ? loaded.errors.lines[0] : "is accepted");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variables),  cmocka_unit_test(test_once),
		cmocka_unit_test(test_everywhere), cmocka_unit_test(test_address_of_node),
		cmocka_unit_test(test_wrong),      cmocka_unit_test(test_files),
		cmocka_unit_test(test_file_size),  cmocka_unit_test(test_no_secret_is_said),
	};

	return cmocka_run_group_tests_name("settings_expand", tests, NULL, NULL);
}
