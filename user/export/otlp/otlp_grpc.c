/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * OTLP/gRPC: the frame around a message, and what a response and its trailers
 * mean, by gRPC's specification of its protocol over HTTP/2. Pure.
 */
#include "export/otlp/otlp_verdict.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "export/gzip.h"
#include "export/otlp/otlp_grpc_values.h"
#include "export/otlp/otlp_message.h"

#define FRAME_HEADER_LEN 5
#define TIMEOUT_MAX 99999999.0 /* eight digits */

static const char *const code_names[] = {
	"OK",
	"CANCELLED",
	"UNKNOWN",
	"INVALID_ARGUMENT",
	"DEADLINE_EXCEEDED",
	"NOT_FOUND",
	"ALREADY_EXISTS",
	"PERMISSION_DENIED",
	"RESOURCE_EXHAUSTED",
	"FAILED_PRECONDITION",
	"ABORTED",
	"OUT_OF_RANGE",
	"UNIMPLEMENTED",
	"INTERNAL",
	"UNAVAILABLE",
	"DATA_LOSS",
	"UNAUTHENTICATED",
};

#define NR_CODES ((int)(sizeof(code_names) / sizeof(code_names[0])))

int otlp_grpc_frame(struct buffer *body, bool compressed)
{
	size_t size = body->size;
	__u32 length;

	if (size > UINT32_MAX)
		return -EMSGSIZE;
	if (buffer_reserve(body, FRAME_HEADER_LEN))
		return body->error;
	memmove(body->data + FRAME_HEADER_LEN, body->data, size);
	length = htonl(size);
	body->data[0] = compressed;
	memcpy(body->data + 1, &length, sizeof(length));
	body->size += FRAME_HEADER_LEN;
	return 0;
}

void otlp_grpc_timeout(double timeout_ms, char ret_text[GRPC_TIMEOUT_LEN])
{
	if (timeout_ms < 1)
		timeout_ms = 1;
	snprintf(ret_text, GRPC_TIMEOUT_LEN, "%.0fm",
		 timeout_ms > TIMEOUT_MAX ? TIMEOUT_MAX : timeout_ms);
}

/* gRPC's table for responses of intermediaries, which have no status of gRPC's. */
static int code_of_http(long status)
{
	switch (status) {
	case 400:
		return GRPC_INTERNAL;
	case 401:
		return GRPC_UNAUTHENTICATED;
	case 403:
		return GRPC_PERMISSION_DENIED;
	case 404:
		return GRPC_UNIMPLEMENTED;
	case 429:
	case 502:
	case 503:
	case 504:
		return GRPC_UNAVAILABLE;
	default:
		return GRPC_UNKNOWN;
	}
}

static bool is_grpc(const struct otlp_response *response)
{
	static const char prefix[] = "application/grpc";
	const char *type = response->headers[HEADER_CONTENT_TYPE];

	if (!type || strncasecmp(type, prefix, strlen(prefix)) != 0)
		return false;
	return strchr("+; ", type[strlen(prefix)]);
}

/* Digits only; anything else is a status that nobody knows. */
static int parse_code(const char *text)
{
	int code = 0;

	if (!*text)
		return GRPC_UNKNOWN;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text) || code > 1000)
			return GRPC_UNKNOWN;
		code = code * 10 + (*text - '0');
	}
	return code;
}

/* The message in the body's frame. -EBADMSG, -EFBIG. `unzipped` holds it if it was compressed. */
static int unframe(const struct otlp_response *response, struct buffer *unzipped,
		   const unsigned char **ret_message, size_t *ret_size)
{
	const unsigned char *body = response->body.data;
	const char *encoding = response->headers[HEADER_GRPC_ENCODING];
	__u32 length;
	int r;

	if (response->body_bytes > response->body.size)
		return -EFBIG;
	if (response->body.size < FRAME_HEADER_LEN)
		return -EBADMSG;
	memcpy(&length, body + 1, sizeof(length));
	length = ntohl(length);
	if (body[0] > 1 || length != response->body.size - FRAME_HEADER_LEN)
		return -EBADMSG;
	*ret_message = body + FRAME_HEADER_LEN;
	*ret_size = length;
	if (!body[0])
		return 0;
	if (!encoding || strcasecmp(encoding, "gzip") != 0)
		return -EBADMSG;
	r = gunzip(*ret_message, length, OTLP_RESPONSE_BODY_MAX, unzipped);
	*ret_message = unzipped->data;
	*ret_size = unzipped->size;
	return r;
}

static void judge_ok(const struct otlp_response *response, struct otlp_verdict *verdict)
{
	struct buffer unzipped = {};
	const unsigned char *message;
	size_t size;
	int r = unframe(response, &unzipped, &message, &size);

	if (r) {
		verdict->kind = VERDICT_ACCEPTED;
		otlp_message_set(verdict->message, "accepted, but the answer %s",
				 r == -EFBIG ? "is too long" : "is not a gRPC message");
	} else {
		otlp_judge_accepted(response->signal, message, size, verdict);
	}
	buffer_done(&unzipped);
}

static void judge_error(const struct otlp_response *response, int code, const char *text,
			struct otlp_verdict *verdict)
{
	double delay_ms = otlp_retry_info_ms(response->headers[HEADER_GRPC_DETAILS]);

	verdict->kind =
		otlp_retry_grpc_status(code, delay_ms >= 0) ? VERDICT_RETRY : VERDICT_REFUSED;
	verdict->retry_after_ms = delay_ms;
	if (code < NR_CODES)
		otlp_message_set(verdict->message, "the back end answered %s%s%s", code_names[code],
				 *text ? ": " : "", text);
	else
		otlp_message_set(verdict->message, "the back end answered gRPC status %d%s%s", code,
				 *text ? ": " : "", text);
}

bool otlp_grpc_known(const struct otlp_response *response)
{
	if (!response->headers_ended)
		return false;
	return response->headers[HEADER_GRPC_STATUS] || response->status != 200;
}

/* No status of gRPC's has come: an intermediary, or something else than gRPC, has answered. */
static void judge_http(const struct otlp_response *response, struct otlp_verdict *verdict)
{
	const char *type = response->headers[HEADER_CONTENT_TYPE] ?: "none";
	char text[256];

	if (is_grpc(response))
		snprintf(text, sizeof(text), "HTTP %ld without a gRPC status", response->status);
	else
		snprintf(
			text, sizeof(text),
			"HTTP %ld of content-type %.100s; check that the endpoint speaks OTLP/gRPC",
			response->status, type);
	judge_error(response, code_of_http(response->status), text, verdict);
}

void otlp_grpc_judge(const struct otlp_response *response, struct otlp_verdict *ret_verdict)
{
	struct otlp_verdict verdict = {.retry_after_ms = -1};
	const char *status = response->headers[HEADER_GRPC_STATUS];
	_cleanup_(freep) char *text = strdup(response->headers[HEADER_GRPC_MESSAGE] ?: "");

	if (text)
		otlp_decode_percent(text);
	if (!status || (response->status == 200 && !is_grpc(response)))
		judge_http(response, &verdict);
	else if (parse_code(status) == GRPC_OK)
		judge_ok(response, &verdict);
	else
		judge_error(response, parse_code(status), text ?: "", &verdict);
	*ret_verdict = verdict;
}
