/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The HTTP server within a loop that is not its own: what changes while it runs, and
 * its end. Requests of every kind are in tests/export/test_http_server.py.
 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "example_figures.h"
#include "export/prometheus/http_server.h"

#define STEP_US 10000
#define MAX_STEPS 3000

struct agent {
	const struct figures *figures;
	bool healthy, ready;
	int nr_asked;
	sd_event *event;
	struct http_server *server;
};

static struct prometheus_settings settings = {
	.listen = "127.0.0.1:0",
	.certificate_file = "",
	.key_file = "",
	.username = "",
	.password = "",
};

static const struct figures *get_figures(void *context)
{
	struct agent *agent = context;

	agent->nr_asked++;
	return agent->figures;
}

static bool is_healthy(void *context)
{
	return ((struct agent *)context)->healthy;
}

static bool is_ready(void *context)
{
	return ((struct agent *)context)->ready;
}

static int set_up(void **state)
{
	static struct agent agent;
	const struct http_server_callbacks callbacks = {get_figures, is_healthy, is_ready, &agent};
	char error[HTTP_SERVER_ERROR_LEN];

	agent = (struct agent){.figures = example_figures(), .healthy = true, .ready = true};
	*state = &agent;
	return sd_event_new(&agent.event) < 0 ||
	       http_server_new(agent.event, &settings, &callbacks, &agent.server, error);
}

static int tear_down(void **state)
{
	struct agent *agent = *state;

	http_server_free(agent->server);
	sd_event_unref(agent->event);
	return 0;
}

static int connect_to(const struct agent *agent)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)http_server_port(agent->server)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

/* Turns the loop until the server has closed the connection; the answer's status. */
static int answer_of(const struct agent *agent, int fd)
{
	static char answer[1 << 20];
	size_t length = 0;

	for (int i = 0; i < MAX_STEPS; i++) {
		ssize_t n = recv(fd, answer + length, sizeof(answer) - 1 - length, 0);

		if (!n) {
			close(fd);
			answer[length] = '\0';
			assert_int_equal(strncmp(answer, "HTTP/1.1 ", 9), 0);
			return (int)strtol(answer + 9, NULL, 10);
		}
		if (n > 0)
			length += (size_t)n;
		assert_true(n > 0 || errno == EAGAIN);
		assert_true(sd_event_run(agent->event, STEP_US) >= 0);
	}
	fail_msg("no answer");
	return 0;
}

static int get(const struct agent *agent, const char *path, const char *headers)
{
	int fd = connect_to(agent);

	assert_true(dprintf(fd, "GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%s\r\n", path,
			    headers) > 0);
	return answer_of(agent, fd);
}

static void the_agent_is_asked_each_time(void **state)
{
	struct agent *agent = *state;

	assert_int_equal(get(agent, "/healthz", ""), 200);
	assert_int_equal(get(agent, "/readyz", ""), 200);
	agent->ready = false;
	assert_int_equal(get(agent, "/healthz", ""), 200);
	assert_int_equal(get(agent, "/readyz", ""), 503);
	agent->healthy = false;
	assert_int_equal(get(agent, "/healthz", ""), 503);
	assert_int_equal(agent->nr_asked, 0);
	assert_int_equal(get(agent, "/metrics", ""), 200);
	assert_int_equal(agent->nr_asked, 1);
	assert_int_equal(http_server_scrapes(agent->server), 1);
	agent->figures = NULL;
	assert_int_equal(get(agent, "/metrics", ""), 503);
	assert_int_equal(http_server_scrapes(agent->server), 1);
}

static void a_reload_changes_credentials(void **state)
{
	struct agent *agent = *state;
	struct prometheus_settings next = settings;

	next.username = "user";
	next.password = "word";
	assert_int_equal(get(agent, "/metrics", ""), 200);
	http_server_use(agent->server, &next);
	assert_int_equal(get(agent, "/metrics", ""), 401);
	assert_int_equal(get(agent, "/metrics", "Authorization: Basic dXNlcjp3b3Jk\r\n"), 200);
	assert_int_equal(get(agent, "/metrics", "Authorization: Basic dXNlcjp3b3Jr\r\n"), 401);
	http_server_use(agent->server, &settings);
	assert_int_equal(get(agent, "/metrics", ""), 200);
}

/* Freed with a request half sent, and an answer half read. */
static void it_ends_at_any_time(void **state)
{
	struct agent *agent = *state;
	int half = connect_to(agent), unread = connect_to(agent);
	char byte;

	assert_true(dprintf(half, "GET /metrics HTTP/1.1\r\n") > 0);
	assert_true(dprintf(unread, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") > 0);
	while (recv(unread, &byte, 1, MSG_PEEK) < 0)
		assert_true(sd_event_run(agent->event, STEP_US) >= 0);
	http_server_free(agent->server);
	agent->server = NULL;
	/* what was its own is gone from the loop */
	assert_int_equal(sd_event_run(agent->event, 0), 0);
	close(half);
	close(unread);
}

static void its_descriptors_do_not_leak(void **state)
{
	struct agent *agent = *state;
	int first = dup(0), last;

	for (int i = 0; i < 50; i++)
		assert_int_equal(get(agent, "/metrics", ""), 200);
	last = dup(0);
	assert_in_range(last, first, first + 2);
	close(first);
	close(last);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_agent_is_asked_each_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_reload_changes_credentials, set_up, tear_down),
		cmocka_unit_test_setup_teardown(it_ends_at_any_time, set_up, tear_down),
		cmocka_unit_test_setup_teardown(its_descriptors_do_not_leak, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("http_server", tests, NULL, NULL);
}
