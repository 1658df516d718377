/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What one attempt to send a request came to: the common tongue of the protocols
 * (otlp_http.c, otlp_grpc.c), which judge a response, and the client, which acts
 * on the judgement. Private to the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_VERDICT_H
#define LOOPSCOPE_OTLP_VERDICT_H

#include <linux/types.h>

#include "base/buffer.h"
#include "export/otlp/otlp_client.h"
#include "export/otlp/otlp_response.h"

enum verdict_kind {
	VERDICT_ACCEPTED,
	VERDICT_REFUSED, /* for good */
	VERDICT_RETRY,   /* within this export, if there is time */
	VERDICT_FAILED,  /* not within this export; the next one may do better */
};

struct otlp_verdict {
	enum verdict_kind kind;
	double retry_after_ms; /* at least so long; negative: the receiver has not said */
	bool at_once;          /* VERDICT_RETRY: the connection was stale, no need to wait */
	__u64 rejected_points;
	__u64 sent_bytes;
	char message[OTLP_CLIENT_MESSAGE_LEN]; /* "" if all is well */
};

/* gRPC's status codes, as far as they are told apart. */
enum grpc_status {
	GRPC_OK = 0,
	GRPC_CANCELLED = 1,
	GRPC_UNKNOWN = 2,
	GRPC_INVALID_ARGUMENT = 3,
	GRPC_DEADLINE_EXCEEDED = 4,
	GRPC_NOT_FOUND = 5,
	GRPC_ALREADY_EXISTS = 6,
	GRPC_PERMISSION_DENIED = 7,
	GRPC_RESOURCE_EXHAUSTED = 8,
	GRPC_FAILED_PRECONDITION = 9,
	GRPC_ABORTED = 10,
	GRPC_OUT_OF_RANGE = 11,
	GRPC_UNIMPLEMENTED = 12,
	GRPC_INTERNAL = 13,
	GRPC_UNAVAILABLE = 14,
	GRPC_DATA_LOSS = 15,
	GRPC_UNAUTHENTICATED = 16,
};

/* Judge a response whose status is known; now_s: since the epoch, for Retry-After. */
void otlp_http_judge(const struct otlp_response *response, long long now_s,
		     struct otlp_verdict *ret_verdict);
void otlp_grpc_judge(const struct otlp_response *response, struct otlp_verdict *ret_verdict);

/* Enough of the response has come to judge it, even if the rest never does. */
bool otlp_http_known(const struct otlp_response *response);
bool otlp_grpc_known(const struct otlp_response *response);

/*
 * An ExportMetricsServiceResponse: points rejected, and what is to be said of them. Those of the
 * other signals are the same on the wire.
 */
void otlp_judge_accepted(enum otlp_signal signal, const void *body, size_t size,
			 struct otlp_verdict *verdict);

/* Puts gRPC's frame header before the message. */
int otlp_grpc_frame(struct buffer *body, bool compressed);

/* "10.0 s" as the header grpc-timeout has it. */
#define GRPC_TIMEOUT_LEN 16
void otlp_grpc_timeout(double timeout_ms, char ret_text[GRPC_TIMEOUT_LEN]);

#endif
