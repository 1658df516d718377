/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An export is cut into shipments of some resources each, so that one that is not
 * accepted does not hold back the others. A shipment is one request, or several
 * where it is large, and has arrived when all of them have.
 */
#include "agent/shipper.h"

#include <errno.h>
#include <string.h>

#include "agent/clocks.h"
#include "agent/export_file.h"
#include "agent/agent_delivery.h"
#include "agent/requests.h"
#include "agent/thresholds.h"
#include "base/log.h"
#include "export/otlp/otlp.h"
#include "export/otlp/otlp_client.h"

#define SHIPMENT_LOOPS 500 /* at some 1 to 2 KB each: well below any receiver's limit */
#define NS_PER_MS 1e6
#define OVERDUE_NS 10000000000ULL

struct shipper {
	sd_event *event;
	const struct settings *settings;
	struct registry *registry;
	struct shipper_callbacks callbacks;
	struct otlp_client *client;      /* EXPORT_OTLP */
	struct otlp_client_stats before; /* of clients before this one */
	FILE *out;                       /* EXPORT_STDOUT, EXPORT_FILE */
	unsigned int *shipments;         /* of the requests under way */
	unsigned int nr_shipments;
	struct agent_delivery agent_since, agent_on_way;
	bool failing;    /* the export before failed */
	bool cancelling; /* by the agent itself, which need not be told so */
	bool last;       /* no export follows */
	struct rate_limit lines;
	__u64 overdue_ns; /* CLOCK_MONOTONIC: the export under way has long ended by then */
	__u64 nr_written, nr_write_failures;
};

DEFINE_CLEANUP(struct shipper *, shipper_free)

/*
 * A back end may be away for hours: it is said once, and once a minute from then on. That
 * the agent cancels an export tells nothing of the back end.
 */
static void say_failed(struct shipper *shipper, const char *message)
{
	bool allowed;

	if (shipper->cancelling)
		return;
	allowed = rate_limit_allow(&shipper->lines, clock_monotonic_ns());
	if (shipper->last)
		log_warning("the last export failed: %s; what it held is lost", message);
	else if (allowed || !shipper->failing)
		log_warning("export failed: %s; the next one holds what this one held", message);
	shipper->failing = true;
}

static void say_outcome(struct shipper *shipper, const char *message, bool failed)
{
	if (failed) {
		say_failed(shipper, message);
		return;
	}
	if (*message)
		log_warning("export: %s", message);
	if (shipper->failing)
		log_info("export works again");
	shipper->failing = false;
}

/* The agent's own figures travel with the last shipment. */
static void shipment_arrived(struct shipper *shipper, unsigned int shipment, bool delivered)
{
	registry_shipped(shipper->registry, shipment, delivered);
	if (delivered && shipment == shipper->nr_shipments)
		agent_delivery_arrived(&shipper->agent_since, &shipper->agent_on_way);
}

static void export_done(const struct otlp_result *result, void *context)
{
	struct shipper *shipper = context;
	bool failed = false;

	for (unsigned int shipment = 1; shipment <= shipper->nr_shipments; shipment++) {
		bool delivered = true;

		/* what was refused for good would be again: it counts as given */
		for (size_t i = 0; i < result->nr_requests; i++)
			if (shipper->shipments[i] == shipment && result->outcomes[i] == OTLP_FAILED)
				delivered = false;
		shipment_arrived(shipper, shipment, delivered);
		failed |= !delivered;
	}
	free(shipper->shipments);
	shipper->shipments = NULL;
	say_outcome(shipper, result->message, failed);
	shipper->callbacks.idle(shipper->callbacks.context);
}

static struct otlp_options options_of(const struct shipper *shipper)
{
	const struct settings *settings = shipper->settings;

	return (struct otlp_options){
		.temporality = settings->temporality,
		.aggregation = settings->aggregation,
		.bounds_ms = settings->histogram_bounds_ms,
		.nr_bounds = settings->nr_histogram_bounds,
		.max_request_bytes = settings->otlp.max_request_bytes,
		.agent_since = shipper->agent_since.unix_ns ? &shipper->agent_since.figures : NULL,
		.agent_since_unix_ns = shipper->agent_since.unix_ns,
	};
}

struct encoding {
	struct requests *requests;
	unsigned int shipment;
};

static int take_request(struct buffer *request, size_t nr_points, void *context)
{
	struct encoding *encoding = context;

	(void)nr_points;
	return requests_add(encoding->requests, request, encoding->shipment);
}

/* The resources from `first` on that make the next shipment. */
static size_t shipment_length(const struct figures *figures, size_t first)
{
	size_t nr = 0, loops = 0;

	while (first + nr < figures->nr_resources) {
		loops += figures->resources[first + nr].nr_loops;
		if (nr && loops > SHIPMENT_LOOPS)
			break;
		nr++;
	}
	return nr;
}

static int encode_shipments(struct shipper *shipper, const struct figures *figures,
			    struct requests *requests)
{
	const struct otlp_options options = options_of(shipper);
	size_t first = 0;
	int r = 0;

	shipper->nr_shipments = 0;
	do {
		struct encoding encoding = {requests, ++shipper->nr_shipments};
		size_t nr = shipment_length(figures, first);
		struct figures part = *figures;

		part.resources = figures->resources + first;
		part.nr_resources = nr;
		if (first + nr < figures->nr_resources)
			part.agent = NULL;
		r = otlp_encode(&part, &options, take_request, &encoding)
			    ?: registry_ship(shipper->registry, first, nr, encoding.shipment);
		first += nr;
	} while (!r && first < figures->nr_resources);
	agent_delivery_ship(&shipper->agent_on_way, figures);
	return r;
}

static void give_up(struct shipper *shipper, int error)
{
	for (unsigned int shipment = 1; shipment <= shipper->nr_shipments; shipment++)
		registry_shipped(shipper->registry, shipment, false);
	say_failed(shipper, strerror(-error));
}

static void ship_otlp(struct shipper *shipper, const struct figures *figures, double timeout_ms)
{
	struct requests requests = {};
	int r = encode_shipments(shipper, figures, &requests);

	if (!r) {
		shipper->shipments = TAKE_PTR(requests.shipments);
		r = otlp_client_send(shipper->client, requests.items, requests.nr, timeout_ms);
		/* the buffers are the client's now, the array is not */
		requests.nr = 0;
	}
	if (r) {
		give_up(shipper, r);
		free(shipper->shipments);
		shipper->shipments = NULL;
	}
	requests_done(&requests);
}

/* All of them or, in a file, none: what is not delivered comes again. */
static int write_lines(struct shipper *shipper, const struct figures *figures)
{
	const struct otlp_options options = options_of(shipper);
	off_t end = shipper->out == stdout ? -1 : export_file_end(shipper->out);
	int r = otlp_write_json(shipper->out, figures, &options);

	if (r && end >= 0)
		export_file_cut(shipper->out, end);
	return r;
}

static void ship_lines(struct shipper *shipper, const struct figures *figures)
{
	int r;

	shipper->nr_shipments = 1;
	r = registry_ship(shipper->registry, 0, figures->nr_resources, 1);
	if (r) {
		give_up(shipper, r);
		return;
	}
	agent_delivery_ship(&shipper->agent_on_way, figures);
	r = write_lines(shipper, figures);
	shipper->nr_written++;
	shipper->nr_write_failures += r != 0;
	shipment_arrived(shipper, 1, !r);
	say_outcome(shipper, r ? strerror(-r) : "", r != 0);
}

/* An export ends at its deadline, come what may: one that has not is not waited for. */
static void end_overdue(struct shipper *shipper)
{
	if (!shipper_busy(shipper) || clock_monotonic_ns() < shipper->overdue_ns)
		return;
	log_warning("the last export should have ended long ago: it is given up");
	otlp_client_cancel(shipper->client);
}

void shipper_ship(struct shipper *shipper, double timeout_ms)
{
	struct figures figures;
	int r;

	end_overdue(shipper);
	if (shipper->settings->export == EXPORT_NONE || shipper_busy(shipper))
		return;
	shipper->overdue_ns = clock_monotonic_ns() + (__u64)(timeout_ms * NS_PER_MS) + OVERDUE_NS;
	r = shipper->callbacks.figures(shipper->callbacks.context, &figures);
	if (r)
		say_failed(shipper, strerror(-r));
	else if (shipper->client)
		ship_otlp(shipper, &figures, timeout_ms);
	else
		ship_lines(shipper, &figures);
}

bool shipper_busy(const struct shipper *shipper)
{
	return shipper->client && otlp_client_busy(shipper->client);
}

void shipper_cancel(struct shipper *shipper)
{
	shipper->cancelling = true;
	if (shipper->client)
		otlp_client_cancel(shipper->client);
	shipper->cancelling = false;
}

void shipper_ship_last(struct shipper *shipper, double timeout_ms)
{
	shipper->last = true;
	shipper_ship(shipper, timeout_ms);
}

static void stats_add(struct otlp_client_stats *to, const struct otlp_client_stats *from)
{
	to->attempts += from->attempts;
	to->requests += from->requests;
	to->retries += from->retries;
	to->failures += from->failures;
	to->rejected_points += from->rejected_points;
	to->bytes += from->bytes;
	to->duration_s = from->duration_s;
}

void shipper_fill(const struct shipper *shipper, struct agent_figures *agent)
{
	struct otlp_client_stats stats = shipper->before;

	if (shipper->client)
		stats_add(&stats, otlp_client_stats(shipper->client));
	agent->export_attempts = stats.attempts + shipper->nr_written;
	agent->export_requests = stats.requests + shipper->nr_written;
	agent->export_retries = stats.retries;
	agent->export_failures = stats.failures + shipper->nr_write_failures;
	agent->export_rejected_points = stats.rejected_points;
	agent->export_bytes = stats.bytes;
	agent->export_duration_s = stats.duration_s;
}

static void close_target(struct shipper *shipper)
{
	shipper_cancel(shipper);
	if (shipper->client) {
		stats_add(&shipper->before, otlp_client_stats(shipper->client));
		otlp_client_free(shipper->client);
		shipper->client = NULL;
	}
	if (shipper->out && shipper->out != stdout)
		fclose(shipper->out);
	shipper->out = NULL;
}

static int open_file(const char *path, FILE **ret_file, char *error)
{
	int r = export_file_open(path, ret_file);

	if (r)
		snprintf(error, SHIPPER_ERROR_LEN, "export.file: %s: %s", path,
			 r == -EINVAL ? "not a regular file" : strerror(-r));
	return r;
}

static int open_target(struct shipper *shipper, const struct settings *settings,
		       struct otlp_client **ret_client, FILE **ret_out, char *error)
{
	switch (settings->export) {
	case EXPORT_OTLP:
		return otlp_client_new(shipper->event, &settings->otlp, export_done, shipper,
				       ret_client, error);
	case EXPORT_STDOUT:
		*ret_out = stdout;
		return 0;
	case EXPORT_FILE:
		return open_file(settings->export_file, ret_out, error);
	case EXPORT_NONE:
		break;
	}
	return 0;
}

int shipper_set_settings(struct shipper *shipper, const struct settings *settings,
			 char error[SHIPPER_ERROR_LEN])
{
	struct otlp_client *client = NULL;
	FILE *out = NULL;
	int r = open_target(shipper, settings, &client, &out, error);

	if (r)
		return r;
	close_target(shipper);
	shipper->client = client;
	shipper->out = out;
	shipper->settings = settings;
	return 0;
}

int shipper_new(sd_event *event, const struct settings *settings, struct registry *registry,
		const struct shipper_callbacks *callbacks, struct shipper **ret_shipper,
		char error[SHIPPER_ERROR_LEN])
{
	_cleanup_(shipper_freep) struct shipper *shipper = calloc(1, sizeof(*shipper));
	int r;

	snprintf(error, SHIPPER_ERROR_LEN, "out of memory");
	if (!shipper)
		return -ENOMEM;
	shipper->event = event;
	shipper->registry = registry;
	shipper->callbacks = *callbacks;
	shipper->lines.limit = 1;
	r = shipper_set_settings(shipper, settings, error);
	if (r)
		return r;
	*ret_shipper = TAKE_PTR(shipper);
	return 0;
}

void shipper_free(struct shipper *shipper)
{
	if (!shipper)
		return;
	if (shipper->client)
		otlp_client_free(shipper->client);
	if (shipper->out && shipper->out != stdout)
		fclose(shipper->out);
	free(shipper->shipments);
	free(shipper);
}
