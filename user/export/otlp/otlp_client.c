/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The state machine of an export: each request in its turn is made ready, sent,
 * and sent again after a wait, until all have come to an end or the deadline has.
 * It owns the requests; time and transfers are its driver's (otlp_driver.h).
 */
#include "export/otlp/otlp_client.h"

#include <errno.h>
#include <string.h>

#include "export/otlp/otlp_body.h"
#include "export/otlp/otlp_driver.h"
#include "export/otlp/otlp_message.h"

enum client_state {
	CLIENT_IDLE,
	CLIENT_PACKING, /* makes a request ready, step by step */
	CLIENT_SENDING,
	CLIENT_WAITING, /* for the next attempt */
};

struct otlp_client {
	const struct otlp_settings *settings;
	struct otlp_driver driver;
	otlp_done_fn done;
	void *context;
	struct otlp_client_stats stats;

	enum client_state state;
	struct buffer *requests;
	enum otlp_outcome *outcomes;
	size_t nr_requests;
	size_t index;         /* of the present request */
	unsigned int attempt; /* at it, from 1 */
	struct otlp_body body;
	double begun_ms, deadline_ms;
	size_t nr_problems;
	bool failed;                           /* a request was not accepted, or not all of it */
	char message[OTLP_CLIENT_MESSAGE_LEN]; /* the first problem */
};

static double now_ms(const struct otlp_client *client)
{
	return client->driver.now_ms(client->driver.context);
}

static void free_requests(struct buffer *requests, size_t nr_requests)
{
	for (size_t i = 0; i < nr_requests; i++)
		buffer_done(&requests[i]);
}

/* Forgets the export: the client is idle. */
static void release(struct otlp_client *client)
{
	client->driver.stop(client->driver.context);
	otlp_body_done(&client->body);
	if (client->requests)
		free_requests(client->requests, client->nr_requests);
	free(TAKE_PTR(client->requests));
	free(TAKE_PTR(client->outcomes));
	client->nr_requests = 0;
	client->state = CLIENT_IDLE;
}

static void compose(const struct otlp_client *client, char message[OTLP_CLIENT_MESSAGE_LEN])
{
	if (client->nr_problems > 1)
		otlp_message_set(message, "%s (and %zu more)", client->message,
				 client->nr_problems - 1);
	else
		memcpy(message, client->message, OTLP_CLIENT_MESSAGE_LEN);
}

/* The callback may use the client again, or free it: nothing of it is touched afterwards. */
static void finish(struct otlp_client *client)
{
	_cleanup_(freep) enum otlp_outcome *outcomes = TAKE_PTR(client->outcomes);
	struct otlp_result result = {.outcomes = outcomes, .nr_requests = client->nr_requests};

	compose(client, result.message);
	client->stats.duration_s = (now_ms(client) - client->begun_ms) / 1000;
	if (client->failed)
		client->stats.failures++;
	release(client);
	client->done(&result, client->context);
}

static void note(struct otlp_client *client, const char *message)
{
	if (!message[0])
		return;
	if (client->nr_problems++)
		return;
	if (client->nr_requests > 1)
		otlp_message_set(client->message, "request %zu of %zu: %s", client->index + 1,
				 client->nr_requests, message);
	else
		otlp_message_set(client->message, "%s", message);
}

/* This request and those after it are not delivered: outcomes are OTLP_FAILED from the start. */
static void give_up(struct otlp_client *client, const char *message)
{
	client->failed = true;
	client->stats.requests++;
	note(client, message);
	finish(client);
}

static void give_up_errno(struct otlp_client *client, int error)
{
	char message[OTLP_CLIENT_MESSAGE_LEN];

	otlp_message_set(message, "cannot send: %s", strerror(-error));
	give_up(client, message);
}

/* The request at `index`: its first step is the driver's to call for. */
static int begin_packing(struct otlp_client *client)
{
	int r = otlp_body_begin(&client->body, &client->requests[client->index], client->settings);

	client->attempt = 0;
	client->state = CLIENT_PACKING;
	return r ? r : client->driver.arm(client->driver.context, 0);
}

static void begin_request(struct otlp_client *client)
{
	int r = begin_packing(client);

	if (r < 0)
		give_up_errno(client, r);
}

static void start_attempt(struct otlp_client *client)
{
	double left_ms = client->deadline_ms - now_ms(client);
	int r;

	if (left_ms < 1) {
		give_up(client, "out of time");
		return;
	}
	client->attempt++;
	client->stats.attempts++;
	if (client->attempt > 1)
		client->stats.retries++;
	client->state = CLIENT_SENDING;
	r = client->driver.start(client->driver.context, &client->body.ready, left_ms);
	if (r < 0)
		give_up_errno(client, r);
}

static void pack_step(struct otlp_client *client)
{
	int r = otlp_body_step(&client->body);

	if (r == 0) {
		start_attempt(client);
		return;
	}
	if (r > 0)
		r = client->driver.arm(client->driver.context, 0);
	if (r < 0)
		give_up_errno(client, r);
}

void otlp_client_wake(struct otlp_client *client)
{
	if (client->state == CLIENT_PACKING)
		pack_step(client);
	else if (client->state == CLIENT_WAITING)
		start_attempt(client);
}

/* An end for good, one way or the other. */
static void end_request(struct otlp_client *client, enum otlp_outcome outcome,
			const struct otlp_verdict *verdict)
{
	client->outcomes[client->index] = outcome;
	client->stats.requests++;
	client->stats.rejected_points += verdict->rejected_points;
	if (outcome != OTLP_ACCEPTED || verdict->rejected_points)
		client->failed = true;
	note(client, verdict->message);
	if (++client->index < client->nr_requests)
		begin_request(client);
	else
		finish(client);
}

static void give_up_after(struct otlp_client *client, const struct otlp_verdict *verdict,
			  double wait_ms)
{
	char message[OTLP_CLIENT_MESSAGE_LEN], asked[64] = "";

	if (verdict->retry_after_ms > 0 && wait_ms <= verdict->retry_after_ms)
		snprintf(asked, sizeof(asked), " (which asks to wait %.1f s)",
			 verdict->retry_after_ms / 1000);
	otlp_message_set(message, "gave up after %u attempt%s%s: %s", client->attempt,
			 client->attempt == 1 ? "" : "s", asked, verdict->message);
	give_up(client, message);
}

/* What the receiver asks for counts if it is more: a Retry-After of 0 is no leave to hammer. */
static void retry(struct otlp_client *client, const struct otlp_verdict *verdict)
{
	double chance = client->driver.random01(client->driver.context);
	double wait_ms = otlp_retry_backoff_ms(client->attempt, chance);
	int r;

	if (verdict->at_once)
		wait_ms = 0;
	if (verdict->retry_after_ms > wait_ms)
		wait_ms = verdict->retry_after_ms;
	if (now_ms(client) + wait_ms >= client->deadline_ms) {
		give_up_after(client, verdict, wait_ms);
		return;
	}
	client->state = CLIENT_WAITING;
	r = client->driver.arm(client->driver.context, wait_ms);
	if (r < 0)
		give_up_errno(client, r);
}

void otlp_client_attempt_done(struct otlp_client *client, const struct otlp_verdict *verdict)
{
	client->stats.bytes += verdict->sent_bytes;
	switch (verdict->kind) {
	case VERDICT_ACCEPTED:
		end_request(client, OTLP_ACCEPTED, verdict);
		break;
	case VERDICT_REFUSED:
		end_request(client, OTLP_REFUSED, verdict);
		break;
	case VERDICT_RETRY:
		retry(client, verdict);
		break;
	case VERDICT_FAILED:
		give_up(client, verdict->message);
		break;
	}
}

int otlp_client_new_driven(const struct otlp_driver *driver, const struct otlp_settings *settings,
			   otlp_done_fn done, void *context, struct otlp_client **ret_client)
{
	struct otlp_client *client = calloc(1, sizeof(*client));

	if (!client) {
		driver->free(driver->context);
		return -ENOMEM;
	}
	client->settings = settings;
	client->driver = *driver;
	client->done = done;
	client->context = context;
	driver->attach(driver->context, client);
	*ret_client = client;
	return 0;
}

int otlp_client_new(sd_event *event, const struct otlp_settings *settings, otlp_done_fn done,
		    void *context, struct otlp_client **ret_client, char *error)
{
	struct otlp_driver driver;
	int r = otlp_transfer_new(event, settings, &driver, error);

	return r < 0 ? r : otlp_client_new_driven(&driver, settings, done, context, ret_client);
}

void otlp_client_free(struct otlp_client *client)
{
	if (!client)
		return;
	release(client);
	client->driver.free(client->driver.context);
	free(client);
}

/* Moves the requests into the client; the array stays the caller's. */
static int take(struct otlp_client *client, struct buffer *requests, size_t nr_requests)
{
	_cleanup_(freep) struct buffer *taken = calloc(nr_requests + 1, sizeof(*taken));
	_cleanup_(freep) enum otlp_outcome *outcomes = calloc(nr_requests + 1, sizeof(*outcomes));

	if (!taken || !outcomes)
		return -ENOMEM;
	for (size_t i = 0; i < nr_requests; i++) {
		taken[i] = requests[i];
		requests[i] = (struct buffer){};
		outcomes[i] = OTLP_FAILED;
	}
	client->requests = TAKE_PTR(taken);
	client->outcomes = TAKE_PTR(outcomes);
	client->nr_requests = nr_requests;
	return 0;
}

int otlp_client_send(struct otlp_client *client, struct buffer *requests, size_t nr_requests,
		     double timeout_ms)
{
	int r;

	if (client->state != CLIENT_IDLE)
		r = -EBUSY;
	else
		r = nr_requests ? take(client, requests, nr_requests) : -EINVAL;
	if (r < 0) {
		free_requests(requests, nr_requests);
		return r;
	}
	client->index = 0;
	client->nr_problems = 0;
	client->failed = false;
	client->message[0] = '\0';
	client->begun_ms = now_ms(client);
	client->deadline_ms = client->begun_ms + timeout_ms;
	r = begin_packing(client);
	if (r < 0)
		release(client);
	return r;
}

void otlp_client_cancel(struct otlp_client *client)
{
	if (client->state != CLIENT_IDLE)
		give_up(client, "cancelled");
}

bool otlp_client_busy(const struct otlp_client *client)
{
	return client->state != CLIENT_IDLE;
}

const struct otlp_client_stats *otlp_client_stats(const struct otlp_client *client)
{
	return &client->stats;
}
