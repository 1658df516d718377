/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The real driver of a source of pods, against a server on the same event loop that answers each
 * request with bytes of the test's choice.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "identity/kubernetes/pod_watch_parts.h"
#include "pod_world.h"

#define SECRET "eyJhbGciOiJSUzI1NiJ9.secret.part"

struct server {
	sd_event *event;
	int listener, connection;
	const char *response;
	size_t nr_garbage; /* headers of 1 KB that follow the response's beginning */
	bool keeps_open;
	unsigned int nr_requests;
	char request[4096];
};

/* What a feed would do. */
struct listener {
	struct pod_feed feed; /* the driver wants one */
	bool answered, woken, ended;
	size_t nr_bytes, max_bytes; /* max: then it has had enough; 0: never */
	struct pod_answer answer;
};

static struct listener listener_, *listener = &listener_;

static void on_wake(struct pod_feed *feed)
{
	(void)feed;
	listener->woken = true;
}

static void on_answered(struct pod_feed *feed)
{
	(void)feed;
	assert_false(listener->answered);
	listener->answered = true;
}

static int on_event(struct pod_feed *feed, struct pod_event *event)
{
	(void)feed;
	pod_free(event->pod);
	listener->nr_bytes++;
	return listener->max_bytes && listener->nr_bytes >= listener->max_bytes ? -ESTALE : 0;
}

static void on_done(struct pod_feed *feed, const struct pod_answer *answer)
{
	(void)feed;
	assert_false(listener->ended);
	listener->ended = true;
	listener->answer = *answer;
}

static void on_news(struct pod_feed *feed, const struct pod_news *news, void *context)
{
	(void)feed;
	(void)news;
	(void)context;
}

static void reply(struct server *server)
{
	static char garbage[1024];

	memset(garbage, 'g', sizeof(garbage));
	memcpy(garbage, "X: ", 3);
	memcpy(garbage + sizeof(garbage) - 2, "\r\n", 2);
	assert_true(send(server->connection, server->response, strlen(server->response),
			 MSG_NOSIGNAL) > 0);
	for (size_t i = 0; i < server->nr_garbage; i++) {
		if (send(server->connection, garbage, sizeof(garbage), MSG_NOSIGNAL) < 0)
			break;
	}
	if (!server->keeps_open)
		shutdown(server->connection, SHUT_WR);
}

static int on_request(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct server *server = context;
	size_t used = strlen(server->request);
	ssize_t got = recv(fd, server->request + used, sizeof(server->request) - 1 - used, 0);

	(void)events;
	if (got <= 0) {
		sd_event_source_disable_unref(source);
		close(fd);
		server->connection = -1;
		return 0;
	}
	server->request[used + got] = '\0';
	if (strstr(server->request, "\r\n\r\n")) {
		server->nr_requests++;
		reply(server);
	}
	return 0;
}

static int on_connection(sd_event_source *source, int fd, uint32_t events, void *context)
{
	struct server *server = context;
	sd_event_source *connection;

	(void)source;
	(void)events;
	server->connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(server->connection >= 0);
	server->request[0] = '\0';
	assert_true(sd_event_add_io(server->event, &connection, server->connection, EPOLLIN,
				    on_request, server) >= 0);
	return 0;
}

static uint16_t server_begin(struct server *server)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof(address);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(sd_event_new(&server->event) >= 0);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server->listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(server->listener, 8), 0);
	assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &length), 0);
	assert_true(sd_event_add_io(server->event, NULL, server->listener, EPOLLIN, on_connection,
				    server) >= 0);
	return ntohs(address.sin_port);
}

static void driver_begin(struct server *server, struct pod_driver *ret_driver)
{
	struct cluster_access access;
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d", server_begin(server));
	assert_int_equal(cluster_access_of_kubelet(url, NULL, &access), 0);
	free(access.token);
	access.token = strdup(SECRET);
	assert_int_equal(pod_transfer_new(server->event, &access, ret_driver), 0);
}

/* One request, of which the listener tells. */
static void ask(struct server *server, enum pod_stream_kind kind)
{
	static const struct pod_feed_ops ops = {
		.wake = on_wake,
		.answered = on_answered,
		.event = on_event,
		.done = on_done,
	};
	struct pod_watch_stats stats = {};
	const struct pod_feed_options options = {.stats = &stats, .news = on_news};
	size_t max_bytes = listener->max_bytes;
	struct pod_driver driver;

	memset(listener, 0, sizeof(*listener));
	listener->max_bytes = max_bytes;
	driver_begin(server, &driver);
	pod_feed_init(&listener->feed, &ops, &driver, &options);
	assert_true(pod_feed_request(&listener->feed, kind, "/pods?a=b", 20000, 1000000));
	assert_false(listener->ended); /* never from within */
	while (!listener->ended)
		assert_true(sd_event_run(server->event, UINT64_MAX) >= 0);
	pod_feed_done_with(&listener->feed);
	while (server->connection >= 0)
		assert_true(sd_event_run(server->event, UINT64_MAX) >= 0);
	close(server->listener);
	sd_event_unref(server->event);
}

static void test_list(void **state)
{
	char response[4096];
	struct server server = {.response = response};
	const char *list = json_list("7", "", json_pod("a"));

	(void)state;
	snprintf(response, sizeof(response), "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%s",
		 strlen(list), list);
	ask(&server, POD_STREAM_LIST);
	assert_memory_equal(server.request, "GET /pods?a=b HTTP/1.1\r\n", 24);
	assert_null(strstr(server.request, "secret")); /* not without TLS */
	assert_true(listener->answered);
	assert_int_equal(listener->nr_bytes, 1);
	assert_int_equal(listener->answer.status, 200);
	assert_string_equal(listener->answer.message, "");
}

static void test_broken_off(void **state)
{
	struct server server = {.response =
					"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"kind\":"};

	(void)state;
	ask(&server, POD_STREAM_LIST);
	assert_int_equal(listener->answer.status, 200);
	assert_string_not_equal(listener->answer.message, "");
}

/* The feed has had enough in the midst of an answer that goes on. */
static void test_enough(void **state)
{
	char response[4096];
	struct server server = {.response = response, .keeps_open = true};

	(void)state;
	snprintf(response, sizeof(response), "HTTP/1.1 200 OK\r\n\r\n%s%s",
		 json_event("ADDED", "a", "1"), json_event("ADDED", "b", "2"));
	listener->max_bytes = 1;
	ask(&server, POD_STREAM_WATCH);
	assert_int_equal(listener->nr_bytes, 1);
	assert_int_equal(listener->answer.status, 200);
	assert_string_not_equal(listener->answer.message, "");
	listener->max_bytes = 0;
}

static void test_status(void **state)
{
	struct server server = {
		.response = "HTTP/1.1 403 Forbidden\r\nRetry-After: 7\r\n\r\n"
			    "{\"kind\":\"Status\",\"message\":\"no \\u0007pods for " SECRET "\"}"};

	(void)state;
	ask(&server, POD_STREAM_LIST);
	assert_false(listener->answered);
	assert_int_equal(listener->nr_bytes, 0);
	assert_int_equal(listener->answer.status, 403);
	assert_near(listener->answer.retry_after_ms, 7000, 0);
	assert_string_equal(listener->answer.message, "HTTP 403: no ?pods for ***");
}

static void test_text_of_no_use(void **state)
{
	struct server server = {.response = "HTTP/1.1 500 Oops\r\n\r\nin\xff the \x1b[31mred\n\n"};

	(void)state;
	ask(&server, POD_STREAM_LIST);
	assert_string_equal(listener->answer.message, "HTTP 500: in\xef\xbf\xbd the ?[31mred");
}

static void test_redirect(void **state)
{
	struct server server = {
		.response = "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n"
			    "\r\n"};

	(void)state;
	ask(&server, POD_STREAM_LIST);
	assert_int_equal(server.nr_requests, 1);
	assert_int_equal(listener->answer.status, 302);
	assert_non_null(strstr(listener->answer.message, "redirect"));
}

static void test_headers_without_end(void **state)
{
	struct server server = {.response = "HTTP/1.1 200 OK\r\n", .nr_garbage = 100};

	(void)state;
	ask(&server, POD_STREAM_LIST);
	assert_false(listener->answered);
	assert_int_equal(listener->answer.status, 0);
	assert_string_equal(listener->answer.message, "the headers of the answer are too long");
}

static void test_no_http(void **state)
{
	struct server server = {.response = "SSH-2.0-server\r\n"};

	(void)state;
	ask(&server, POD_STREAM_LIST);
	assert_int_equal(listener->answer.status, 0);
	assert_string_not_equal(listener->answer.message, "");
}

static void test_long_error(void **state)
{
	struct server server = {.response = "HTTP/1.1 503 Busy\r\n\r\n", .nr_garbage = 100};

	(void)state;
	ask(&server, POD_STREAM_LIST);
	assert_int_equal(listener->answer.status, 503);
	assert_true(strlen(listener->answer.message) < 400);
}

static void test_timer(void **state)
{
	struct server server = {.connection = -1};
	struct pod_driver driver;

	(void)state;
	memset(listener, 0, sizeof(*listener));
	driver_begin(&server, &driver);
	listener->feed.ops = &(struct pod_feed_ops){.wake = on_wake};
	driver.attach(driver.context, &listener->feed);
	driver.arm(driver.context, 1e9);
	driver.arm(driver.context, 1);
	while (!listener->woken)
		assert_true(sd_event_run(server.event, UINT64_MAX) >= 0);
	assert_true(driver.random01(driver.context) < 1);
	driver.free(driver.context);
	close(server.listener);
	sd_event_unref(server.event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_broken_off),
		cmocka_unit_test(test_enough),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_text_of_no_use),
		cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_headers_without_end),
		cmocka_unit_test(test_no_http),
		cmocka_unit_test(test_long_error),
		cmocka_unit_test(test_timer),
	};

	return cmocka_run_group_tests_name("pod_transfer", tests, NULL, NULL);
}
