/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sends files as OTLP requests, as the agent would, and prints a line of JSON for
 * each export: what became of it, the client's totals, and how often a timer of
 * 10 ms ticked meanwhile, which shows whether the loop was ever held up.
 *
 * With --exports N, each export after the first waits for a line on stdin. Names
 * below hang.test are never resolved: getaddrinfo, which this program takes the
 * place of, does not return for them.
 */
#include <dlfcn.h>
#include <err.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <netdb.h>
#include <stdint.h>
#include <string.h>
#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "export/otlp/otlp_client.h"

#define TICK_US 10000
#define MAX_HEADERS 16

struct send {
	sd_event *event;
	sd_event_source *ticker, *cancel_timer;
	struct otlp_client *client;
	struct otlp_settings settings;
	struct text_pair headers[MAX_HEADERS];
	char *const *files;
	size_t nr_files;
	unsigned long nr_exports, nr_ended;
	double cancel_ms, free_ms; /* negative: never */
	bool free_when_done;       /* within the callback */
	unsigned long nr_ticks;
	uint64_t last_tick_us, longest_gap_us;
};

/* declared with attributes that differ between headers: the type is what counts */
typedef int (*getaddrinfo_fn)(const char *, const char *, const struct addrinfo *,
			      struct addrinfo **);

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
		struct addrinfo **ret_addresses)
{
	getaddrinfo_fn next = (getaddrinfo_fn)dlsym(RTLD_NEXT, "getaddrinfo");

	while (name && strstr(name, "hang.test"))
		pause();
	return next(name, service, hints, ret_addresses);
}

static uint64_t now_us(const struct send *send)
{
	uint64_t now;

	if (sd_event_now(send->event, CLOCK_MONOTONIC, &now) < 0)
		errx(1, "no clock");
	return now;
}

static void arm(sd_event_source *source, uint64_t at_us)
{
	if (sd_event_source_set_time(source, at_us) < 0 ||
	    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0)
		errx(1, "cannot arm a timer");
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct send *send = userdata;
	uint64_t now = now_us(send), gap = now - send->last_tick_us;

	(void)usec;
	if (gap > send->longest_gap_us)
		send->longest_gap_us = gap;
	send->last_tick_us = now;
	send->nr_ticks++;
	arm(source, now + TICK_US);
	return 0;
}

static struct buffer read_file(const char *path)
{
	_cleanup_(fclosep) FILE *file = fopen(path, "re");
	struct buffer content = {};
	size_t n;

	if (!file)
		err(1, "%s", path);
	do {
		if (buffer_reserve(&content, 65536))
			errx(1, "out of memory");
		n = fread(content.data + content.size, 1, 65536, file);
		content.size += n;
	} while (n);
	return content;
}

static void begin_export(struct send *send)
{
	struct buffer requests[send->nr_files];
	int r;

	for (size_t i = 0; i < send->nr_files; i++)
		requests[i] = read_file(send->files[i]);
	r = otlp_client_send(send->client, requests, send->nr_files, send->settings.timeout_ms);
	if (r < 0)
		errx(1, "cannot send: %s", strerror(-r));
	send->nr_ticks = 0;
	send->longest_gap_us = 0;
	send->last_tick_us = now_us(send);
	arm(send->ticker, send->last_tick_us + TICK_US);
	if (send->cancel_ms >= 0 || send->free_ms >= 0)
		arm(send->cancel_timer,
		    send->last_tick_us + 1000 * (uint64_t)fmax(send->cancel_ms, send->free_ms));
}

static json_t *stats_json(const struct otlp_client_stats *stats)
{
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "attempts",
			 (json_int_t)stats->attempts, "requests", (json_int_t)stats->requests,
			 "retries", (json_int_t)stats->retries, "failures",
			 (json_int_t)stats->failures, "rejected_points",
			 (json_int_t)stats->rejected_points, "bytes", (json_int_t)stats->bytes,
			 "duration_s", stats->duration_s);
}

static void print_json(json_t *line)
{
	if (!line || json_dumpf(line, stdout, JSON_COMPACT))
		errx(1, "cannot print");
	putchar('\n');
	fflush(stdout);
	json_decref(line);
}

static void on_done(const struct otlp_result *result, void *context)
{
	static const char *const names[] = {
		[OTLP_ACCEPTED] = "accepted", [OTLP_REFUSED] = "refused", [OTLP_FAILED] = "failed"};
	struct send *send = context;
	json_t *outcomes = json_array();

	for (size_t i = 0; i < result->nr_requests; i++)
		json_array_append_new(outcomes, json_string(names[result->outcomes[i]]));
	print_json(json_pack("{s:o, s:s, s:o, s:I, s:f, s:b}", "outcomes", outcomes, "message",
			     result->message, "stats", stats_json(otlp_client_stats(send->client)),
			     "ticks", (json_int_t)send->nr_ticks, "longest_gap_ms",
			     send->longest_gap_us / 1000.0, "busy",
			     otlp_client_busy(send->client)));
	if (send->free_when_done)
		otlp_client_free(TAKE_PTR(send->client));
	if (++send->nr_ended == send->nr_exports)
		sd_event_exit(send->event, 0);
}

static int on_line(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	struct send *send = userdata;
	char c = '\0';
	ssize_t n = read(fd, &c, 1);

	(void)source;
	(void)events;
	if (n <= 0)
		return sd_event_exit(send->event, 0);
	if (c == '\n' && !otlp_client_busy(send->client))
		begin_export(send);
	return 0;
}

static int on_cancel(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct send *send = userdata;

	(void)source;
	(void)usec;
	if (send->free_ms < 0) {
		otlp_client_cancel(send->client);
		return 0;
	}
	otlp_client_free(TAKE_PTR(send->client));
	return sd_event_exit(send->event, 0);
}

static void add_header(struct send *send, char *text)
{
	char *equals = strchr(text, '=');

	if (!equals || send->settings.headers.nr == MAX_HEADERS)
		errx(2, "a header is NAME=VALUE");
	*equals = '\0';
	send->headers[send->settings.headers.nr++] =
		(struct text_pair){.key = text, .value = equals + 1};
	send->settings.headers.items = send->headers;
}

enum option_id {
	OPT_ENDPOINT,
	OPT_GRPC,
	OPT_PLAIN,
	OPT_HEADER,
	OPT_TIMEOUT,
	OPT_CA,
	OPT_CERTIFICATE,
	OPT_KEY,
	OPT_INSECURE,
	OPT_PROXY,
	OPT_EXPORTS,
	OPT_CANCEL,
	OPT_FREE,
	OPT_FREE_WHEN_DONE,
};

static const struct option options[] = {
	{"endpoint", required_argument, NULL, OPT_ENDPOINT},
	{"grpc", no_argument, NULL, OPT_GRPC},
	{"plain", no_argument, NULL, OPT_PLAIN},
	{"header", required_argument, NULL, OPT_HEADER},
	{"timeout-ms", required_argument, NULL, OPT_TIMEOUT},
	{"ca", required_argument, NULL, OPT_CA},
	{"certificate", required_argument, NULL, OPT_CERTIFICATE},
	{"key", required_argument, NULL, OPT_KEY},
	{"insecure", no_argument, NULL, OPT_INSECURE},
	{"proxy", required_argument, NULL, OPT_PROXY},
	{"exports", required_argument, NULL, OPT_EXPORTS},
	{"cancel-after-ms", required_argument, NULL, OPT_CANCEL},
	{"free-after-ms", required_argument, NULL, OPT_FREE},
	{"free-when-done", no_argument, NULL, OPT_FREE_WHEN_DONE},
	{},
};

static void take_option(struct send *send, int id)
{
	struct otlp_settings *settings = &send->settings;
	char **const texts[] = {
		[OPT_ENDPOINT] = &settings->endpoint,
		[OPT_CA] = &settings->ca_file,
		[OPT_CERTIFICATE] = &settings->certificate_file,
		[OPT_KEY] = &settings->key_file,
		[OPT_PROXY] = &settings->proxy,
		[OPT_FREE] = NULL,
	};

	switch ((enum option_id)id) {
	case OPT_GRPC:
		settings->protocol = OTLP_GRPC;
		break;
	case OPT_PLAIN:
		settings->gzip = false;
		break;
	case OPT_HEADER:
		add_header(send, optarg);
		break;
	case OPT_TIMEOUT:
		settings->timeout_ms = strtod(optarg, NULL);
		break;
	case OPT_INSECURE:
		settings->insecure_skip_verify = true;
		break;
	case OPT_EXPORTS:
		send->nr_exports = strtoul(optarg, NULL, 10);
		break;
	case OPT_CANCEL:
		send->cancel_ms = strtod(optarg, NULL);
		break;
	case OPT_FREE:
		send->free_ms = strtod(optarg, NULL);
		break;
	case OPT_FREE_WHEN_DONE:
		send->free_when_done = true;
		break;
	default:
		*texts[id] = optarg;
	}
}

static void parse(struct send *send, int argc, char **argv)
{
	int id;

	while ((id = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (id == '?')
			errx(2, "usage: otlp_send --endpoint URL [OPTION...] FILE...");
		take_option(send, id);
	}
	send->files = argv + optind;
	send->nr_files = argc - optind;
}

static void set_up(struct send *send)
{
	if (sd_event_default(&send->event) < 0 ||
	    sd_event_add_time(send->event, &send->ticker, CLOCK_MONOTONIC, 0, 1, on_tick, send) <
		    0 ||
	    sd_event_add_time(send->event, &send->cancel_timer, CLOCK_MONOTONIC, UINT64_MAX, 1,
			      on_cancel, send) < 0)
		errx(1, "no event loop");
	if (send->nr_exports > 1 &&
	    sd_event_add_io(send->event, NULL, STDIN_FILENO, EPOLLIN, on_line, send) < 0)
		errx(1, "cannot watch stdin");
}

int main(int argc, char **argv)
{
	char none[] = "", error[OTLP_CLIENT_MESSAGE_LEN] = "";
	struct send send = {
		.settings = {.endpoint = none,
			     .gzip = true,
			     .timeout_ms = 10000,
			     .ca_file = none,
			     .certificate_file = none,
			     .key_file = none,
			     .proxy = none},
		.nr_exports = 1,
		.cancel_ms = -1,
		.free_ms = -1,
	};

	parse(&send, argc, argv);
	set_up(&send);
	if (otlp_client_new(send.event, &send.settings, on_done, &send, &send.client, error) < 0) {
		print_json(json_pack("{s:s}", "error", error));
	} else {
		begin_export(&send);
		if (sd_event_loop(send.event) < 0)
			errx(1, "the event loop failed");
	}
	otlp_client_free(send.client);
	sd_event_source_disable_unref(send.ticker);
	sd_event_source_disable_unref(send.cancel_timer);
	sd_event_unref(send.event);
	return 0;
}
