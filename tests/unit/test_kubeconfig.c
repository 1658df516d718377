/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Kubeconfigs as files: those of kubelet, kubeadm and k3s, and all that is not taken. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/whole_file.h"
#include "identity/kubernetes/cluster_access.h"

#define SECRET "c2VjcmV0LXNlY3JldA"
#define CONTEXT                \
	"current-context: c\n" \
	"contexts: [{name: c, context: {cluster: k, user: u}}]\n"
#define CLUSTER "clusters: [{name: k, cluster: {server: 'https://10.0.0.1:6443'}}]\n"
#define USER(fields) "users: [{name: u, user: {" fields "}}]\n"

static char directory[] = "/tmp/loopscope-kubeconfig-XXXXXX";
static char file[sizeof(directory) + 16];
static char error[CLUSTER_ACCESS_ERROR_LEN];

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(file, sizeof(file), "%s/config", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(file);
	return rmdir(directory);
}

static void write_config(const char *text, size_t size)
{
	_cleanup_(closep) int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, size), size);
}

static int load(const char *text, struct cluster_access *access)
{
	write_config(text, strlen(text));
	strcpy(error, "unset");
	return cluster_access_of_kubeconfig(file, access, error);
}

static const char *in_directory(const char *name)
{
	static char path[sizeof(directory) + 64];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void assert_content(const char *path, const char *content)
{
	_cleanup_(freep) char *text = NULL;
	size_t size;

	assert_int_equal(whole_file_read(path, 4096, &text, &size), 0);
	assert_string_equal(text, content);
}

/* What kubeadm writes for a kubelet: paths, and other contexts beside the current one. */
static void test_paths(void **state)
{
	_cleanup_(cluster_access_done) struct cluster_access access = {};
	static const char text[] =
		"apiVersion: v1\nkind: Config\npreferences: {}\n"
		"clusters:\n"
		"- name: other\n  cluster: {server: https://192.0.2.1}\n"
		"- name: default-cluster\n"
		"  cluster:\n"
		"    certificate-authority: pki/ca.crt\n"
		"    server: https://10.0.0.1:6443/\n"
		"    tls-server-name: kubernetes.default\n"
		"    proxy-url: http://proxy.example:3128\n"
		"contexts:\n"
		"- {name: other, context: {cluster: other, user: other}}\n"
		"- name: default-context\n"
		"  context: {cluster: default-cluster, user: default-auth, namespace: default}\n"
		"current-context: default-context\n"
		"users:\n"
		"- name: default-auth\n"
		"  user:\n"
		"    client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem\n"
		"    client-key: /var/lib/kubelet/pki/kubelet-client-current.pem\n";

	(void)state;
	assert_int_equal(load(text, &access), 0);
	assert_string_equal(access.server, "https://10.0.0.1:6443");
	assert_string_equal(access.ca_file, in_directory("pki/ca.crt"));
	assert_string_equal(access.certificate_file,
			    "/var/lib/kubelet/pki/kubelet-client-current.pem");
	assert_string_equal(access.key_file, access.certificate_file);
	assert_string_equal(access.tls_server_name, "kubernetes.default");
	assert_string_equal(access.connect_to->data, "::10.0.0.1:6443");
	assert_string_equal(access.proxy, "http://proxy.example:3128");
	assert_string_equal(access.token, "");
	assert_string_equal(access.token_file, "");
	assert_false(access.insecure_skip_verify);
	assert_int_equal(access.data_fds[0], -1);
}

/* What k3s and kubectl write: all of it inline, which goes before paths. */
static void test_data(void **state)
{
	_cleanup_(cluster_access_done) struct cluster_access access = {};
	_cleanup_(cluster_access_done) struct cluster_access kubelet = {};
	static const char text[] = CONTEXT
		"clusters: [{name: k, cluster: {server: 'https://[2001:db8::1]:6443',"
		" certificate-authority-data: 'YXV0aG9y\n aXR5', certificate-authority: "
		"/x}}]\n" USER("client-certificate-data: Y2VydGlmaWNhdGU=, client-key-data: a2V5");

	(void)state;
	assert_int_equal(load(text, &access), 0);
	assert_string_equal(access.server, "https://[2001:db8::1]:6443");
	assert_content(access.ca_file, "authority");
	assert_content(access.certificate_file, "certificate");
	assert_content(access.key_file, "key");
	for (int i = 0; i < 3; i++)
		assert_int_equal(fcntl(access.data_fds[i], F_GETFD), FD_CLOEXEC);
	assert_int_equal(cluster_access_of_kubelet("https://127.0.0.1:10250", &access, &kubelet),
			 0);
	cluster_access_done(&access);
	assert_content(kubelet.key_file, "key");
	assert_string_equal(kubelet.server, "https://127.0.0.1:10250");
	assert_true(kubelet.direct);
}

static void test_token(void **state)
{
	static const struct {
		const char *fields, *token, *token_file;
	} cases[] = {
		{"token: " SECRET, SECRET, ""},
		{"token: ' " SECRET "\n\n '", SECRET, ""},
		{"tokenFile: token", "", "token"},
		{"tokenFile: token, token: " SECRET, SECRET, "token"},
		{"token: ~, exec: null, username: ''", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(cluster_access_done) struct cluster_access access = {};
		char text[512];

		snprintf(text, sizeof(text), CONTEXT CLUSTER USER("%s"), cases[i].fields);
		assert_int_equal(load(text, &access), 0);
		assert_string_equal(access.token, cases[i].token);
		assert_string_equal(access.token_file,
				    *cases[i].token_file ? in_directory(cases[i].token_file) : "");
	}
}

/* However it is written. */
static void test_server(void **state)
{
	static const struct {
		const char *given, *server;
	} cases[] = {
		{"HTTPS://Host:6443", "https://Host:6443"},
		{"https://h/", "https://h"},
		{"https://h//", "https://h"},
		{"https://h/k8s/clusters/c-1/", "https://h/k8s/clusters/c-1"},
		{"https://[::1]", "https://[::1]"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(cluster_access_done) struct cluster_access access = {};
		char text[512];

		snprintf(text, sizeof(text),
			 CONTEXT "clusters: [{name: k, cluster: {server: '%s'}}]\n" USER("x: y"),
			 cases[i].given);
		assert_int_equal(load(text, &access), 0);
		assert_string_equal(access.server, cases[i].server);
	}
}

static void test_insecure_and_nobody(void **state)
{
	_cleanup_(cluster_access_done) struct cluster_access access = {};

	(void)state;
	assert_int_equal(load("current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\n"
			      "clusters: [{name: k, cluster: {server: 'http://127.0.0.1:8001',"
			      " insecure-skip-tls-verify: true}}]\n",
			      &access),
			 0);
	assert_true(access.insecure_skip_verify);
	assert_string_equal(access.server, "http://127.0.0.1:8001");
}

/* kubectl writes JSON, too, which is YAML; anchors are no harm. */
static void test_other_yaml(void **state)
{
	static const char *const texts[] = {
		"{\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\",\"context\":"
		"{\"cluster\":\"k\",\"user\":\"\"}}],\"clusters\":[{\"name\":\"k\",\"cluster\":"
		"{\"server\":\"https://h\"}}]}",
		"current-context: &n c\ncontexts: [&e {name: *n, context: {cluster: *n}, self: "
		"*e}]\n"
		"clusters: [{name: *n, cluster: {server: 'https://h'}}]\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		_cleanup_(cluster_access_done) struct cluster_access access = {};

		assert_int_equal(load(texts[i], &access), 0);
		assert_string_equal(access.server, "https://h");
	}
}

/* Each with a part of what is said; the secret never is. */
static void test_refused(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{"", "no current-context"},
		{"[]", "no current-context"},
		{"text", "no current-context"},
		{"current-context: [c]\n", "current-context is not a text"},
		{"current-context: \"a\\eb\"\n", "current-context is not a text"},
		{"current-context: \"a\\0b\"\n", "current-context is not a text"},
		{"current-context: \"c\\n\\tx\"\ncontexts: []", "no context named \"c??x\""},
		{"current-context: c\n", "no list of contexts"},
		{"current-context: c\ncontexts: {c: d}\n", "no list of contexts"},
		{"current-context: c\ncontexts: [c, ~, {name: [c]}, {name: d}]\n",
		 "no context named \"c\""},
		{"current-context: c\ncontexts: [{name: c, context: text}]\n",
		 "no context named \"c\""},
		{CONTEXT, "no list of clusters"},
		{CONTEXT "clusters: [{name: k, cluster: {}}]\n" USER(""), "has no server"},
		{CONTEXT "clusters: [{name: k, cluster: {x: y}}]\n" USER("x: y"), "has no server"},
		{CONTEXT CLUSTER, "no list of users"},
		{CONTEXT CLUSTER "users: [{name: v, user: {}}]\n", "no user named \"u\""},
		{CONTEXT CLUSTER USER("exec: {command: aws}"), "made by a command (exec)"},
		{CONTEXT CLUSTER USER("auth-provider: {name: gcp}"), "auth-provider"},
		{CONTEXT CLUSTER USER("username: admin, password: " SECRET), "a user name and"},
		{CONTEXT CLUSTER USER("password: " SECRET), "a user name and password"},
		{CONTEXT CLUSTER USER("as: admin, token: " SECRET), "to act as another user"},
		{CONTEXT CLUSTER USER("token: \"" SECRET "\\n" SECRET "\""), "the token: it holds"},
		{CONTEXT CLUSTER USER("token: \"" SECRET "\\e\""), "token is not a text"},
		{CONTEXT CLUSTER USER("token: " SECRET "\u00e9"), "the token: it holds"},
		{CONTEXT CLUSTER USER("token: [" SECRET "]"), "token is not a text"},
		{CONTEXT CLUSTER USER("client-key-data: '" SECRET "*'"), "is not base64"},
		{CONTEXT CLUSTER USER("client-key-data: '===='"), "is not base64"},
		{CONTEXT CLUSTER USER("client-key: /k"), "a client key without its certificate"},
		{CONTEXT CLUSTER USER("client-certificate: /c"),
		 "a client certificate without its key"},
		{CONTEXT "clusters: [{name: k, cluster: {server: 'https://h',"
			 " insecure-skip-tls-verify: true, certificate-authority: /x}}]\n" USER(""),
		 "exclude each other"},
		{CONTEXT "clusters: [{name: k, cluster: {server: 'https://h',"
			 " insecure-skip-tls-verify: yes}}]\n" USER(""),
		 "neither true nor false"},
		{CONTEXT "clusters: [{name: k, cluster: {server: 'https://h',"
			 " tls-server-name: 'a b/c'}}]\n" USER("x: y"),
		 "tls-server-name is not a host's name"},
		{"a: b\n---\nc: d\n", "config:2: a second document"},
		{"a: [\n", "config:2: this is not YAML"},
		{"a: \xff\n", "the file is not UTF-8 text"},
		{"[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deeply"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct cluster_access access = {};

		assert_int_equal(load(cases[i].text, &access), -EINVAL);
		if (!strstr(error, cases[i].said))
			fail_msg("'%s' is answered by '%s'", cases[i].text, error);
		assert_non_null(strstr(error, file));
		assert_null(strstr(error, SECRET));
		assert_null(access.server);
	}
}

static void test_servers_refused(void **state)
{
	static const char *const servers[] = {
		"10.0.0.1:6443",   "ftp://h",        "file:///etc/passwd", "https://u:" SECRET "@h",
		"https://u@h",     "https://h/?a=b", "https://h/#",        "https://",
		"https://h:99999", "https://h h",    "https://h/?",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++) {
		struct cluster_access access = {};
		char text[512];

		snprintf(text, sizeof(text),
			 CONTEXT "clusters: [{name: k, cluster: {server: '%s'}}]\n" USER("x: y"),
			 servers[i]);
		if (load(text, &access) != -EINVAL || !strstr(error, "the server's URL"))
			fail_msg("%s: %s", servers[i], error);
		assert_null(strstr(error, SECRET));
	}
}

static void test_unreadable(void **state)
{
	static char large[1024 * 1024 + 1];
	struct cluster_access access = {};

	(void)state;
	memset(large, '#', sizeof(large));
	write_config(large, sizeof(large));
	assert_int_equal(cluster_access_of_kubeconfig(file, &access, error), -EFBIG);
	assert_int_equal(cluster_access_of_kubeconfig("/nonexistent/x", &access, error), -ENOENT);
	assert_non_null(strstr(error, "/nonexistent/x: No such file"));
	assert_int_equal(cluster_access_of_kubeconfig(directory, &access, error), -EISDIR);
	assert_int_equal(cluster_access_of_kubeconfig("/dev/null", &access, error), -EINVAL);
}

/* Nothing is left open, whatever went wrong. */
static void test_descriptors(void **state)
{
	static const char text[] = CONTEXT CLUSTER USER(
		"client-certificate-data: YQ==, client-key-data: YQ==, token: '\xc3\xa9'");
	struct cluster_access access = {};
	int before = dup(0), after;

	(void)state;
	close(before);
	assert_int_equal(load(text, &access), -EINVAL);
	after = dup(0);
	close(after);
	assert_int_equal(after, before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_data),
		cmocka_unit_test(test_token),
		cmocka_unit_test(test_server),
		cmocka_unit_test(test_insecure_and_nobody),
		cmocka_unit_test(test_other_yaml),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_servers_refused),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
