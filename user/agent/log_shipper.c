/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A batch is taken from the queue a moment after a record came, so that those that come together
 * go together; after one that failed, an export interval later. Batches are encoded as a whole, and
 * each request of one that is not accepted goes back into the queue.
 */
#include "agent/log_shipper.h"

#include <errno.h>
#include <string.h>

#include "agent/clocks.h"
#include "agent/export_file.h"
#include "agent/log_queue.h"
#include "agent/log_target.h"
#include "agent/requests.h"
#include "agent/thresholds.h"
#include "base/event_time.h"
#include "base/log.h"
#include "export/otlp/otlp_logs.h"

#define QUEUE_RECORDS 1000
#define QUEUE_BYTES (8UL * 1024 * 1024)
#define BATCH_RECORDS 500
#define SOON_MS 500.0

struct log_shipper {
	sd_event *event;
	sd_event_source *timer;
	const struct settings *settings;
	struct registry *registry;
	void (*idle)(void *context);
	void *context;
	struct log_queue *queue;
	struct log_target *target; /* NULL: log records are not wanted */
	unsigned int *nr_records;  /* of each request under way */
	bool failing;
	bool cancelling; /* by the agent itself, which need not be told so */
	bool last;       /* no export follows */
	struct rate_limit lines;
	__u64 nr_failures;
};

DEFINE_CLEANUP(struct log_shipper *, log_shipper_free)

/* Said once, and once a minute from then on. */
static void say_failed(struct log_shipper *shipper, const char *message)
{
	bool allowed;

	if (shipper->cancelling)
		return;
	allowed = rate_limit_allow(&shipper->lines, clock_monotonic_ns());
	shipper->nr_failures++;
	if (shipper->last)
		log_warning("the last log records failed: %s; they are lost", message);
	else if (allowed || !shipper->failing)
		log_warning("export of stalls' log records failed: %s", message);
	shipper->failing = true;
}

static void say_works(struct log_shipper *shipper)
{
	if (shipper->failing)
		log_info("export of log records works again");
	shipper->failing = false;
}

static void arm(struct log_shipper *shipper, double delay_ms)
{
	if (!event_is_armed(shipper->timer))
		event_arm(shipper->timer, delay_ms);
}

/* What is left goes soon, or when the receiver may be back. */
static void after(struct log_shipper *shipper)
{
	struct log_queue_stats stats;

	log_queue_stats(shipper->queue, &stats);
	if (stats.queued && shipper->target)
		arm(shipper, shipper->failing ? shipper->settings->export_interval_ms : SOON_MS);
}

/* What was refused for good would be again; what failed is tried again, but at the end. */
static void settle(struct log_shipper *shipper, const struct otlp_result *result)
{
	bool failed = false;

	for (size_t i = 0; i < result->nr_requests; i++) {
		enum log_fate fate = LOG_DELIVERED;

		if (result->outcomes[i] == OTLP_FAILED)
			fate = shipper->last ? LOG_DROPPED : LOG_KEPT;
		else if (result->outcomes[i] == OTLP_REFUSED)
			fate = LOG_DROPPED;
		failed |= fate != LOG_DELIVERED;
		log_queue_settle(shipper->queue, shipper->nr_records[i], fate);
	}
	log_queue_end(shipper->queue);
	if (failed)
		say_failed(shipper, result->message);
	else
		say_works(shipper);
}

static void on_done(const struct otlp_result *result, void *context)
{
	struct log_shipper *shipper = context;

	settle(shipper, result);
	free(shipper->nr_records);
	shipper->nr_records = NULL;
	after(shipper);
	shipper->idle(shipper->context);
}

static int take_request(struct buffer *request, size_t nr_records, void *context)
{
	return requests_add(context, request, (unsigned int)nr_records);
}

/* A record too large with its resource ends the batch; as the first of one it is dropped. */
static int encode(struct log_shipper *shipper, const struct log_batch *batch,
		  struct requests *requests)
{
	int r = otlp_encode_logs(batch->groups, batch->nr_groups,
				 shipper->settings->otlp.max_request_bytes, take_request, requests);

	if (r == -EMSGSIZE && requests->nr)
		return 0;
	if (r == -EMSGSIZE)
		log_queue_settle(shipper->queue, 1, LOG_DROPPED);
	return r;
}

static void ship_otlp(struct log_shipper *shipper, const struct log_batch *batch, double timeout_ms)
{
	struct requests requests = {};
	int r = encode(shipper, batch, &requests);

	if (!r) {
		shipper->nr_records = TAKE_PTR(requests.shipments);
		r = otlp_client_send(shipper->target->client, requests.items, requests.nr,
				     timeout_ms);
		/* the buffers are the client's now, the array is not */
		requests.nr = 0;
	}
	if (r) {
		free(shipper->nr_records);
		shipper->nr_records = NULL;
		log_queue_end(shipper->queue);
		say_failed(shipper, strerror(-r));
	}
	requests_done(&requests);
}

/* All of them or, in a file, none. */
static void ship_lines(struct log_shipper *shipper, const struct log_batch *batch)
{
	off_t end = shipper->target->out == stdout ? -1 : export_file_end(shipper->target->out);
	int r = otlp_write_logs_json(shipper->target->out, batch->groups, batch->nr_groups);

	if (r && end >= 0)
		export_file_cut(shipper->target->out, end);
	log_queue_settle(shipper->queue, batch->nr_records, r ? LOG_KEPT : LOG_DELIVERED);
	log_queue_end(shipper->queue);
	if (r)
		say_failed(shipper, strerror(-r));
	else
		say_works(shipper);
}

static void ship(struct log_shipper *shipper, double timeout_ms)
{
	const struct log_batch *batch;
	int r;

	if (!shipper->target || log_shipper_busy(shipper))
		return;
	r = log_queue_begin(shipper->queue, shipper->registry, BATCH_RECORDS, &batch);
	if (r && r != -EAGAIN)
		say_failed(shipper, strerror(-r));
	if (!r && shipper->target->client)
		ship_otlp(shipper, batch, timeout_ms);
	else if (!r)
		ship_lines(shipper, batch);
	if (!log_shipper_busy(shipper))
		after(shipper);
}

static int on_timer(sd_event_source *source, uint64_t due_us, void *context)
{
	struct log_shipper *shipper = context;

	(void)source;
	(void)due_us;
	ship(shipper, shipper->settings->otlp.timeout_ms);
	return 0;
}

bool log_shipper_wants(const struct log_shipper *shipper)
{
	return shipper->target;
}

void log_shipper_add(struct log_shipper *shipper, const struct process_key *process,
		     struct log_record *record)
{
	if (!log_queue_add(shipper->queue, process, record) && !log_shipper_busy(shipper))
		arm(shipper, SOON_MS);
}

void log_shipper_count_dropped(struct log_shipper *shipper)
{
	log_queue_count_dropped(shipper->queue);
}

bool log_shipper_busy(const struct log_shipper *shipper)
{
	return shipper->target && shipper->target->client &&
	       otlp_client_busy(shipper->target->client);
}

void log_shipper_fill(const struct log_shipper *shipper, struct agent_figures *agent)
{
	struct log_queue_stats stats;

	log_queue_stats(shipper->queue, &stats);
	agent->logs_exported = stats.delivered;
	agent->logs_dropped = stats.dropped;
	agent->logs_failures = shipper->nr_failures;
}

/* The batch under way, if any, goes back into the queue. */
static void cancel(struct log_shipper *shipper)
{
	if (!log_shipper_busy(shipper))
		return;
	shipper->cancelling = true;
	otlp_client_cancel(shipper->target->client);
	shipper->cancelling = false;
}

int log_shipper_set_settings(struct log_shipper *shipper, const struct settings *settings,
			     char error[LOG_SHIPPER_ERROR_LEN])
{
	struct log_target *target;
	int r = log_target_new(shipper->event, settings, on_done, shipper, &target, error);

	if (r)
		return r;
	cancel(shipper);
	log_target_free(shipper->target);
	shipper->target = target;
	shipper->settings = settings;
	after(shipper);
	return 0;
}

/* What is under way is part of the last batch. */
void log_shipper_ship_last(struct log_shipper *shipper, double timeout_ms)
{
	cancel(shipper);
	shipper->last = true;
	ship(shipper, timeout_ms);
}

int log_shipper_new(sd_event *event, const struct settings *settings, struct registry *registry,
		    void (*idle)(void *context), void *context, struct log_shipper **ret_shipper,
		    char error[LOG_SHIPPER_ERROR_LEN])
{
	_cleanup_(log_shipper_freep) struct log_shipper *shipper = calloc(1, sizeof(*shipper));
	int r;

	snprintf(error, LOG_SHIPPER_ERROR_LEN, "out of memory");
	if (!shipper)
		return -ENOMEM;
	shipper->event = event;
	shipper->settings = settings;
	shipper->registry = registry;
	shipper->idle = idle;
	shipper->context = context;
	shipper->lines.limit = 1;
	r = event_add_timer(event, on_timer, shipper, &shipper->timer)
		    ?: log_queue_new(QUEUE_RECORDS, QUEUE_BYTES, &shipper->queue)
		    ?: log_shipper_set_settings(shipper, settings, error);
	if (r)
		return r;
	*ret_shipper = TAKE_PTR(shipper);
	return 0;
}

void log_shipper_free(struct log_shipper *shipper)
{
	if (!shipper)
		return;
	log_target_free(shipper->target);
	sd_event_source_disable_unref(shipper->timer);
	log_queue_free(shipper->queue);
	free(shipper->nr_records);
	free(shipper);
}
