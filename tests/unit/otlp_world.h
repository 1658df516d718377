/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A world for the OTLP client in which time passes when a test says so, and a
 * receiver answers from a script.
 */
#ifndef LOOPSCOPE_TESTS_OTLP_WORLD_H
#define LOOPSCOPE_TESTS_OTLP_WORLD_H

#include <stdbool.h>

#include "export/otlp/otlp_client.h"
#include "export/otlp/otlp_driver.h"

#define WORLD_MAX_ATTEMPTS 4096

/* What comes of an attempt, and when; none: the transfer hangs until its time is over. */
typedef void (*world_answer_fn)(unsigned int attempt, double now_ms, struct otlp_verdict *verdict);

struct otlp_world {
	double now_ms;
	double wake_ms;   /* negative: not armed */
	double end_ms;    /* of the transfer under way; negative: none */
	double answer_ms; /* how long one takes */
	double chance;
	world_answer_fn answer; /* NULL: hangs */

	struct otlp_client *client;
	struct otlp_settings settings;
	unsigned int nr_attempts;
	double attempted_ms[WORLD_MAX_ATTEMPTS];
	struct buffer last_body;    /* a copy */
	int start_error, arm_error; /* what the driver is to fail with */

	unsigned int nr_done;
	enum otlp_outcome outcomes[8]; /* of the last export */
	size_t nr_outcomes;
	char message[OTLP_CLIENT_MESSAGE_LEN];
	unsigned int nr_resend; /* exports that the callback is to begin itself */
	bool free_in_done;
	bool in_call; /* of the client: no callback may come from within */
};

void world_begin(struct otlp_world *world);
void world_end(struct otlp_world *world);

/* Sends requests of one byte each: 'a', 'b', ... */
int world_send(struct otlp_world *world, size_t nr_requests, double timeout_ms);

/* Lets time pass until the client has nothing to wait for, or `until_ms`. */
void world_run(struct otlp_world *world, double until_ms);

#endif
