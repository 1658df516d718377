/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the OTLP client's state machine asks of the world: a clock, a timer, chance
 * and one transfer at a time. otlp_transfer.c is the real one; tests bring their
 * own, with time under their control. Private to the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_DRIVER_H
#define LOOPSCOPE_OTLP_DRIVER_H

#include "export/otlp/otlp_client.h"
#include "export/otlp/otlp_verdict.h"

struct otlp_driver {
	/* Whom to call: otlp_client_wake, otlp_client_attempt_done. */
	void (*attach)(void *context, struct otlp_client *client);
	double (*now_ms)(void *context); /* monotonic */
	double (*random01)(void *context);
	/* otlp_client_wake comes once, after that time, and never from within. */
	int (*arm)(void *context, double delay_ms);
	/* otlp_client_attempt_done comes once, within the time, and never from within. */
	int (*start)(void *context, const struct buffer *body, double timeout_ms);
	/* Neither comes any more. */
	void (*stop)(void *context);
	void (*free)(void *context);
	void *context;
};

/* The client frees the driver, on errors too. */
int otlp_client_new_driven(const struct otlp_driver *driver, const struct otlp_settings *settings,
			   otlp_done_fn done, void *context, struct otlp_client **ret_client);

void otlp_client_wake(struct otlp_client *client);
void otlp_client_attempt_done(struct otlp_client *client, const struct otlp_verdict *verdict);

/* The real driver, on libcurl and the event loop. -EINVAL: `error` says what is wrong. */
int otlp_transfer_new(sd_event *event, const struct otlp_settings *settings,
		      struct otlp_driver *ret_driver, char error[OTLP_CLIENT_MESSAGE_LEN]);

#endif
