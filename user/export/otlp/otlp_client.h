/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sends encoded requests to an OTLP receiver, over HTTP or gRPC, without ever
 * blocking: libcurl's multi interface on the agent's event loop. Retries by the
 * OTLP specification until the deadline of the export, then gives it up.
 *
 * One export at a time: its requests are sent in order; one that is refused for
 * good (400, partial success, ...) does not stop those after it; one whose
 * retries ran out ends the export.
 */
#ifndef LOOPSCOPE_OTLP_CLIENT_H
#define LOOPSCOPE_OTLP_CLIENT_H

#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/buffer.h"
#include "config/settings/settings.h"

#define OTLP_CLIENT_MESSAGE_LEN 512

struct otlp_client;

/* Totals since the client was made. */
struct otlp_client_stats {
	__u64 attempts; /* requests sent, retries included */
	__u64 requests; /* that came to an end, good or bad */
	__u64 retries;
	__u64 failures;        /* exports given up or refused in part */
	__u64 rejected_points; /* by partial success */
	__u64 bytes;           /* of bodies, as sent */
	double duration_s;     /* of the last export */
};

/* What became of one request of an export. */
enum otlp_outcome {
	OTLP_ACCEPTED, /* or accepted in part: the rest was refused for good */
	OTLP_REFUSED,  /* for good: it must not be sent again */
	OTLP_FAILED,   /* not delivered, as far as is known */
};

struct otlp_result {
	const enum otlp_outcome *outcomes; /* one a request; borrowed */
	size_t nr_requests;
	char message[OTLP_CLIENT_MESSAGE_LEN]; /* what to log; "" if all is well; no secrets */
};

/* The export has ended; the client is free for another, or to be freed, even within the call. */
typedef void (*otlp_done_fn)(const struct otlp_result *result, void *context);

/* `settings` must outlive the client. -EINVAL: `error` (OTLP_CLIENT_MESSAGE_LEN) says what. */
int otlp_client_new(sd_event *event, const struct otlp_settings *settings, otlp_done_fn done,
		    void *context, struct otlp_client **ret_client, char *error);

/* Ends what is under way without calling back. Takes NULL. */
void otlp_client_free(struct otlp_client *client);

/*
 * Takes the requests: the client owns their memory from here on, even on errors, and
 * leaves empty buffers in the array, which stays the caller's. -EBUSY: an export is
 * under way; -EINVAL: there are none. timeout_ms is of the whole of it. The callback
 * never comes before this has returned, nor if it returns an error.
 */
int otlp_client_send(struct otlp_client *client, struct buffer *requests, size_t nr_requests,
		     double timeout_ms);

/* Gives up what is under way: the callback comes at once, with OTLP_FAILED for the rest. */
void otlp_client_cancel(struct otlp_client *client);

bool otlp_client_busy(const struct otlp_client *client);
const struct otlp_client_stats *otlp_client_stats(const struct otlp_client *client);

/*
 * The retry rules by themselves; pure. ------------------------------------------
 */

/* The wait before attempt `attempt` + 1 (the first is 1), without Retry-After: exponential, with
 * jitter; random01 is in [0, 1). ms. */
double otlp_retry_backoff_ms(unsigned int attempt, double random01);

/* Retry-After: seconds, or an HTTP date; now in seconds since the epoch. Negative: not valid. */
double otlp_retry_after_ms(const char *text, long long now_s);

bool otlp_retry_http_status(long status);

/* has_retry_info: grpc-status-details-bin held google.rpc.RetryInfo. */
bool otlp_retry_grpc_status(int status, bool has_retry_info);

#endif
