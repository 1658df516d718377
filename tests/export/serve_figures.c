/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The agent's HTTP server, with made-up figures: those of example_figures() or, with
 * --loops N, of N loops. Prints its port, or what is wrong. It ends when stdin does,
 * and then says on stderr how many scrapes it served.
 *
 * With --encode FORMAT it writes that exposition to stdout instead: what /metrics
 * must answer. FORMAT is text, openmetrics or protobuf.
 */
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "base/cleanup.h"
#include "config/number.h"
#include "example_figures.h"
#include "export/prometheus/exposition.h"
#include "export/prometheus/http_server.h"
#include "many_figures.h"

#define PASSWORD_VARIABLE "SERVE_PASSWORD"
#define US_PER_MS 1000

static char *label_names[] = {"service.name", "process.pid",        "process.executable.name",
			      "container.id", "k8s.namespace.name", "k8s.pod.name"};
static const double bounds_ms[] = {0.25, 0.5, 1,   2,   4,   8,    10,   16,
				   32,   64,  100, 256, 512, 1024, 4096, 16384};

enum option_key {
	OPTION_LISTEN = 1,
	OPTION_CERTIFICATE,
	OPTION_KEY,
	OPTION_USERNAME,
	OPTION_LOOPS,
	OPTION_NO_FIGURES,
	OPTION_SICK,
	OPTION_REQUEST_TIMEOUT,
	OPTION_ENCODE,
};

static const struct option options[] = {
	{"listen", required_argument, NULL, OPTION_LISTEN},
	{"certificate", required_argument, NULL, OPTION_CERTIFICATE},
	{"key", required_argument, NULL, OPTION_KEY},
	{"username", required_argument, NULL, OPTION_USERNAME},
	{"loops", required_argument, NULL, OPTION_LOOPS},
	{"no-figures", no_argument, NULL, OPTION_NO_FIGURES},
	{"sick", no_argument, NULL, OPTION_SICK},
	{"request-timeout-ms", required_argument, NULL, OPTION_REQUEST_TIMEOUT},
	{"encode", required_argument, NULL, OPTION_ENCODE},
	{},
};

struct serve {
	struct prometheus_settings settings;
	const struct figures *figures;
	struct many_figures *many;
	bool sick;
	long request_timeout_ms;
	const char *encode;
};

static const struct figures *get_figures(void *context)
{
	const struct serve *serve = context;

	return serve->figures;
}

static bool is_well(void *context)
{
	const struct serve *serve = context;

	return !serve->sick;
}

static long whole_number(const char *text)
{
	long value;

	if (number_parse_whole(text, 0, 1000000, &value))
		errx(2, "not a whole number: %s", text);
	return value;
}

static void set_option(struct serve *serve, int key, char *value)
{
	switch (key) {
	case OPTION_LISTEN:
		serve->settings.listen = value;
		break;
	case OPTION_CERTIFICATE:
		serve->settings.certificate_file = value;
		break;
	case OPTION_KEY:
		serve->settings.key_file = value;
		break;
	case OPTION_USERNAME:
		serve->settings.username = value;
		break;
	case OPTION_LOOPS:
		serve->many = many_figures_new((size_t)whole_number(value));
		serve->figures = many_figures_get(serve->many);
		break;
	case OPTION_NO_FIGURES:
		serve->figures = NULL;
		break;
	case OPTION_SICK:
		serve->sick = true;
		break;
	case OPTION_REQUEST_TIMEOUT:
		serve->request_timeout_ms = whole_number(value);
		break;
	case OPTION_ENCODE:
		serve->encode = value;
		break;
	default:
		exit(2);
	}
}

static int on_stdin(sd_event_source *source, int fd, uint32_t events, void *context)
{
	char bytes[64];

	(void)events;
	(void)context;
	return read(fd, bytes, sizeof(bytes)) > 0
		       ? 0
		       : sd_event_exit(sd_event_source_get_event(source), 0);
}

static int run(struct serve *serve)
{
	const struct http_server_callbacks callbacks = {get_figures, is_well, is_well, serve};
	char error[HTTP_SERVER_ERROR_LEN];
	struct http_server *server;
	sd_event *event;

	if (sd_event_new(&event) < 0)
		errx(1, "no event loop");
	if (http_server_new(event, &serve->settings, &callbacks, &server, error)) {
		printf("%s\n", error);
		sd_event_unref(event);
		return 1;
	}
	if (serve->request_timeout_ms)
		http_server_set_request_timeout(server,
						(__u64)serve->request_timeout_ms * US_PER_MS);
	printf("%d\n", http_server_port(server));
	fflush(stdout);
	if (sd_event_add_io(event, NULL, STDIN_FILENO, EPOLLIN, on_stdin, NULL) < 0 ||
	    sd_event_loop(event) < 0)
		errx(1, "the event loop failed");
	fprintf(stderr, "scrapes: %llu\n", http_server_scrapes(server));
	http_server_free(server);
	sd_event_unref(event);
	return 0;
}

static int write_out(const void *data, size_t size, void *context)
{
	if (size > (size_t)64 << 10)
		errx(1, "a piece of %zu bytes", size);
	return fwrite(data, 1, size, context) == size ? 0 : -EIO;
}

static int encode(const struct serve *serve)
{
	static const char *const names[] = {
		[EXPOSITION_OPENMETRICS] = "openmetrics",
		[EXPOSITION_TEXT] = "text",
		[EXPOSITION_PROTOBUF] = "protobuf",
	};
	struct exposition_options exposition = {
		.bounds_ms = serve->settings.histogram_bounds_ms,
		.nr_bounds = serve->settings.nr_histogram_bounds,
		.labels = &serve->settings.labels,
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		exposition.format = i;
		if (!strcmp(names[i], serve->encode))
			return exposition_encode(serve->figures, &exposition, write_out, stdout)
				       ? 1
				       : 0;
	}
	errx(2, "no such format: %s", serve->encode);
}

int main(int argc, char **argv)
{
	struct serve serve = {
		.settings = {.listen = "127.0.0.1:0",
			     .certificate_file = "",
			     .key_file = "",
			     .username = "",
			     .password = "",
			     .labels = {label_names, sizeof(label_names) / sizeof(label_names[0])},
			     .nr_histogram_bounds = sizeof(bounds_ms) / sizeof(bounds_ms[0])},
		.figures = example_figures(),
	};
	int key, status;

	memcpy(serve.settings.histogram_bounds_ms, bounds_ms, sizeof(bounds_ms));
	while ((key = getopt_long(argc, argv, "", options, NULL)) != -1)
		set_option(&serve, key, optarg);
	if (getenv(PASSWORD_VARIABLE))
		serve.settings.password = getenv(PASSWORD_VARIABLE);
	status = serve.encode ? encode(&serve) : run(&serve);
	many_figures_free(serve.many);
	return status;
}
