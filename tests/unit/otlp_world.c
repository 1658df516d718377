/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The OTLP client's driver for tests: one timer, one transfer, no threads, no clock. */
#include "otlp_world.h"

#include <errno.h>
#include <string.h>

#include "unit.h"

#include "export/otlp/otlp_message.h"

static void attach(void *context, struct otlp_client *client)
{
	((struct otlp_world *)context)->client = client;
}

static double now_ms(void *context)
{
	return ((struct otlp_world *)context)->now_ms;
}

static double random01(void *context)
{
	return ((struct otlp_world *)context)->chance;
}

static int arm(void *context, double delay_ms)
{
	struct otlp_world *world = context;

	assert_true(delay_ms >= 0);
	world->wake_ms = world->now_ms + delay_ms;
	return world->arm_error;
}

static int start(void *context, const struct buffer *body, double timeout_ms)
{
	struct otlp_world *world = context;

	assert_true(world->end_ms < 0);
	assert_true(timeout_ms > 0);
	if (world->start_error)
		return world->start_error;
	assert_true(world->nr_attempts < WORLD_MAX_ATTEMPTS);
	world->attempted_ms[world->nr_attempts++] = world->now_ms;
	buffer_reset(&world->last_body);
	buffer_append(&world->last_body, body->data, body->size);
	if (world->answer && world->answer_ms < timeout_ms)
		world->end_ms = world->now_ms + world->answer_ms;
	else
		world->end_ms = world->now_ms + timeout_ms;
	return 0;
}

static void stop(void *context)
{
	struct otlp_world *world = context;

	world->wake_ms = -1;
	world->end_ms = -1;
}

static void free_driver(void *context)
{
	struct otlp_world *world = context;

	stop(world);
	world->client = NULL;
}

static void on_done(const struct otlp_result *result, void *context)
{
	struct otlp_world *world = context;

	assert_false(world->in_call);
	assert_false(otlp_client_busy(world->client));
	world->nr_done++;
	world->nr_outcomes = result->nr_requests;
	for (size_t i = 0; i < result->nr_requests; i++)
		world->outcomes[i] = result->outcomes[i];
	memcpy(world->message, result->message, sizeof(world->message));
	if (world->free_in_done) {
		otlp_client_free(world->client);
	} else if (world->nr_resend) {
		world->nr_resend--;
		assert_int_equal(world_send(world, 1, 10000), 0);
	}
}

void world_begin(struct otlp_world *world)
{
	static char none[] = "";
	const struct otlp_driver driver = {
		.attach = attach,
		.now_ms = now_ms,
		.random01 = random01,
		.arm = arm,
		.start = start,
		.stop = stop,
		.free = free_driver,
		.context = world,
	};
	struct otlp_client *client;

	*world = (struct otlp_world){.now_ms = 1e6, .wake_ms = -1, .end_ms = -1, .answer_ms = 10};
	world->chance = 0.5;
	world->settings.endpoint = none;
	assert_int_equal(otlp_client_new_driven(&driver, &world->settings, on_done, world, &client),
			 0);
	assert_ptr_equal(client, world->client);
}

void world_end(struct otlp_world *world)
{
	otlp_client_free(world->client);
	buffer_done(&world->last_body);
}

int world_send(struct otlp_world *world, size_t nr_requests, double timeout_ms)
{
	struct buffer requests[8] = {};
	bool nested = world->in_call;
	int r;

	for (size_t i = 0; i < nr_requests; i++)
		buffer_append(&requests[i], &(char){(char)('a' + i)}, 1);
	world->in_call = true;
	r = otlp_client_send(world->client, requests, nr_requests, timeout_ms);
	world->in_call = nested;
	for (size_t i = 0; i < nr_requests; i++)
		assert_null(requests[i].data); /* the client's now, or freed */
	return r;
}

static void end_transfer(struct otlp_world *world)
{
	struct otlp_verdict verdict = {
		.retry_after_ms = -1, .kind = VERDICT_RETRY, .sent_bytes = 1};

	world->end_ms = -1;
	if (world->answer)
		world->answer(world->nr_attempts, world->now_ms, &verdict);
	else
		otlp_message_set(verdict.message, "no complete answer in time");
	otlp_client_attempt_done(world->client, &verdict);
}

void world_run(struct otlp_world *world, double until_ms)
{
	while (world->client) {
		bool transfer = world->end_ms >= 0 &&
				(world->wake_ms < 0 || world->end_ms <= world->wake_ms);
		double next_ms = transfer ? world->end_ms : world->wake_ms;

		if (next_ms < 0 || next_ms > until_ms)
			break;
		world->now_ms = next_ms;
		if (transfer) {
			end_transfer(world);
			continue;
		}
		world->wake_ms = -1;
		otlp_client_wake(world->client);
	}
	if (world->now_ms < until_ms && isfinite(until_ms))
		world->now_ms = until_ms;
}
