/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The service account of a pod, and what a request looks like when it arrives: a server
 * that writes down what it gets. Requests with TLS are those of tests/pods.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/kubernetes/cluster_access.h"

#define TOKEN "eyJhbGciOi.secret-secret_secret"

static char directory[] = "/tmp/loopscope-access-XXXXXX";
static char error[CLUSTER_ACCESS_ERROR_LEN];

static const char *in_directory(const char *name)
{
	static char paths[2][sizeof(directory) + 16];
	static unsigned int turn;
	char *path = paths[turn++ % 2];

	snprintf(path, sizeof(paths[0]), "%s/%s", directory, name);
	return path;
}

static void write_file(const char *name, const char *text, size_t size)
{
	_cleanup_(closep) int fd =
		open(in_directory(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, size), size);
}

static void be_in_pod(const char *host, const char *port)
{
	assert_int_equal(setenv("KUBERNETES_SERVICE_HOST", host, 1), 0);
	assert_int_equal(setenv("KUBERNETES_SERVICE_PORT", port, 1), 0);
}

static int set_up(void **state)
{
	static const char *const names[] = {"http_proxy", "https_proxy", "HTTPS_PROXY",
					    "all_proxy",  "ALL_PROXY",   "no_proxy"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		unsetenv(names[i]);
	return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(in_directory("token"));
	unlink(in_directory("ca.crt"));
	return rmdir(directory);
}

static int complete_account(void **state)
{
	(void)state;
	write_file("ca.crt", "x", 1);
	write_file("token", TOKEN "\n", strlen(TOKEN) + 1);
	be_in_pod("10.96.0.1", "443");
	return 0;
}

static void test_in_pod(void **state)
{
	static const struct {
		const char *host, *server;
	} cases[] = {
		{"10.96.0.1", "https://10.96.0.1:443"},
		{"fd00:10:96::1", "https://[fd00:10:96::1]:443"},
		{"[fd00:10:96::1]", "https://[fd00:10:96::1]:443"},
		{"kubernetes.default.svc", "https://kubernetes.default.svc:443"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_(cluster_access_done) struct cluster_access access = {};

		be_in_pod(cases[i].host, "443");
		assert_int_equal(cluster_access_in_pod(directory, &access, error), 0);
		assert_string_equal(access.server, cases[i].server);
		assert_string_equal(access.ca_file, in_directory("ca.crt"));
		assert_string_equal(access.token_file, in_directory("token"));
		assert_string_equal(access.token, "");
		assert_string_equal(access.certificate_file, "");
		assert_false(access.insecure_skip_verify);
		assert_false(access.direct);
	}
}

static void refuse_pod(int expected, const char *said)
{
	struct cluster_access access = {};
	int err = cluster_access_in_pod(directory, &access, error);

	if (err != expected || !strstr(error, said))
		fail_msg("%d: '%s' where '%s' is due", err, error, said);
	assert_null(access.server);
	assert_null(strstr(error, "secret-secret"));
}

static void test_in_no_pod(void **state)
{
	(void)state;
	be_in_pod("", "");
	refuse_pod(-ENOENT, "in no pod");
	be_in_pod("", "443");
	refuse_pod(-EINVAL, "KUBERNETES_SERVICE_HOST is not set");
	be_in_pod("10.96.0.1", "");
	refuse_pod(-EINVAL, "KUBERNETES_SERVICE_PORT is not set");
	be_in_pod("10.96.0.1", "443/x?");
	refuse_pod(-EINVAL, "URL");
	be_in_pod("user@10.96.0.1", "443");
	refuse_pod(-EINVAL, "URL");
	be_in_pod("10.96.0.1", "443");
	unlink(in_directory("ca.crt"));
	refuse_pod(-EINVAL, "ca.crt: No such file");
	write_file("ca.crt", "x", 1);
	unlink(in_directory("token"));
	refuse_pod(-EINVAL, "automountServiceAccountToken");
}

static void test_bad_tokens(void **state)
{
	static char large[16385];
	static const char *const texts[] = {
		"",           "\n",         TOKEN " x",      TOKEN "\r\nX: y",
		TOKEN "\x7f", TOKEN "\x1b", TOKEN "\xc3\xa9"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		write_file("token", texts[i], strlen(texts[i]));
		refuse_pod(-EINVAL, "token");
	}
	write_file("token", "a\0b", 3);
	refuse_pod(-EINVAL, "token");
	memset(large, 'a', sizeof(large));
	write_file("token", large, sizeof(large));
	refuse_pod(-EINVAL, "File too large");
}

/* Takes one connection, reads the head of a request, answers with a redirect. */
struct server {
	pthread_t thread;
	int fd;
	char url[64];
	char head[4096];
};

static void *serve(void *argument)
{
	static const char answer[] = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\n"
				     "Content-Length: 0\r\n\r\n";
	struct server *server = argument;
	_cleanup_(closep) int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
	size_t length = 0;

	while (!strstr(server->head, "\r\n\r\n")) {
		ssize_t n = read(fd, server->head + length, sizeof(server->head) - 1 - length);

		if (n <= 0)
			return NULL;
		length += (size_t)n;
	}
	if (write(fd, answer, sizeof(answer) - 1) < 0)
		server->head[0] = '\0';
	return NULL;
}

static void server_start(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
				      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(address);

	*server = (struct server){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
	assert_int_equal(bind(server->fd, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server->fd, 1), 0);
	assert_int_equal(getsockname(server->fd, (struct sockaddr *)&address, &length), 0);
	snprintf(server->url, sizeof(server->url), "http://127.0.0.1:%d", ntohs(address.sin_port));
	assert_int_equal(pthread_create(&server->thread, NULL, serve, server), 0);
}

/* Returns the status of the answer, or 0. */
static long request(const struct cluster_access *access, struct server *server)
{
	struct curl_slist *headers;
	CURL *easy;
	long status = 0;

	assert_int_equal(cluster_access_get(access, "/api/v1/pods?watch=1", &easy, &headers, error),
			 0);
	if (curl_easy_perform(easy))
		shutdown(server->fd, SHUT_RDWR);
	else
		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	pthread_join(server->thread, NULL);
	close(server->fd);
	return status;
}

/* The token stays here where there is no TLS, and redirects are not followed. */
static void test_plain_request(void **state)
{
	_cleanup_(cluster_access_done) struct cluster_access in_pod = {}, access = {};
	struct server server;

	(void)state;
	assert_int_equal(cluster_access_in_pod(directory, &in_pod, error), 0);
	server_start(&server);
	assert_int_equal(cluster_access_of_kubelet(server.url, &in_pod, &access), 0);
	assert_string_equal(access.token_file, in_pod.token_file);
	assert_int_equal(request(&access, &server), 302);
	assert_ptr_equal(strstr(server.head, "GET /api/v1/pods?watch=1 HTTP/1.1\r\n"), server.head);
	assert_non_null(strstr(server.head, "\r\nUser-Agent: loopscope/" LOOPSCOPE_VERSION "\r\n"));
	assert_non_null(strstr(server.head, "\r\nAccept: application/json\r\n"));
	assert_non_null(strstr(server.head, "\r\nAccept-Encoding: gzip\r\n"));
	assert_null(strcasestr(server.head, "authorization"));
	assert_null(strstr(server.head, TOKEN));
}

/* The environment's proxy is for others, not for this machine. */
static void test_proxy(void **state)
{
	struct cluster_access access = {.ca_file = "",
					.certificate_file = "",
					.key_file = "",
					.token_file = "",
					.token = "",
					.tls_server_name = "",
					.proxy = ""};
	struct server server;

	(void)state;
	server_start(&server);
	setenv("http_proxy", server.url, 1);
	access.server = "http://192.0.2.1";
	assert_int_equal(request(&access, &server), 302);
	assert_ptr_equal(strstr(server.head, "GET http://192.0.2.1/api/v1/pods"), server.head);

	server_start(&server);
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	access.server = server.url;
	assert_int_equal(request(&access, &server), 302);
	assert_ptr_equal(strstr(server.head, "GET /api/v1/pods"), server.head);

	server_start(&server);
	access.server = "http://192.0.2.1";
	access.proxy = server.url;
	assert_int_equal(request(&access, &server), 302);
	unsetenv("http_proxy");
}

static void assert_refused(const struct cluster_access *access, int expected, const char *said)
{
	struct curl_slist *headers;
	CURL *easy;

	assert_int_equal(cluster_access_get(access, "/", &easy, &headers, error), expected);
	if (!strstr(error, said))
		fail_msg("'%s' where '%s' is due", error, said);
	assert_null(strstr(error, "secret-secret"));
}

/* What a request needs is looked at when it is made, and what is wrong is said. */
static void test_rotation(void **state)
{
	_cleanup_(cluster_access_done) struct cluster_access access = {};
	struct curl_slist *headers;
	CURL *easy;

	(void)state;
	assert_int_equal(cluster_access_in_pod(directory, &access, error), 0);
	write_file("token", TOKEN "\nX: y", strlen(TOKEN) + 5);
	assert_refused(&access, -EINVAL, "it holds spaces");
	unlink(in_directory("token"));
	assert_refused(&access, -ENOENT, "token: No such file");
	write_file("token", TOKEN, strlen(TOKEN));
	assert_int_equal(cluster_access_get(&access, "/", &easy, &headers, error), 0);
	curl_easy_cleanup(easy);
	curl_slist_free_all(headers);
	unlink(in_directory("ca.crt"));
	assert_refused(&access, -ENOENT, "ca.crt: No such file");
}

static void test_bad_kubelets(void **state)
{
	static const char *const urls[] = {"", "127.0.0.1:10250", "unix:///run/x", "https://u@h"};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(urls); i++) {
		struct cluster_access access = {};

		assert_int_equal(cluster_access_of_kubelet(urls[i], NULL, &access), -EINVAL);
		assert_null(access.server);
	}
}

/* Of nothing, its descriptors are none: 0 stays open. */
static void test_done(void **state)
{
	struct cluster_access access = {};

	(void)state;
	cluster_access_done(&access);
	cluster_access_done(&access);
	assert_int_not_equal(fcntl(0, F_GETFD), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_in_pod, complete_account),
		cmocka_unit_test_setup(test_in_no_pod, complete_account),
		cmocka_unit_test_setup(test_bad_tokens, complete_account),
		cmocka_unit_test_setup(test_plain_request, complete_account),
		cmocka_unit_test_setup(test_proxy, complete_account),
		cmocka_unit_test_setup(test_rotation, complete_account),
		cmocka_unit_test(test_bad_kubelets),
		cmocka_unit_test(test_done),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
