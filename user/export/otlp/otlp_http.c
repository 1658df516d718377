/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* OTLP/HTTP: what a response means. Pure. */
#include "export/otlp/otlp_verdict.h"

#include <stdio.h>
#include <string.h>

#include "export/otlp/otlp_message.h"
#include "proto/otlp_status.pb-c.h"

/* What whoever reads the message can do about it. */
static const char *advice(long status)
{
	switch (status) {
	case 401:
	case 403:
		return "; check the headers that authenticate";
	case 404:
	case 405:
		return "; check the endpoint's path, usually /v1/metrics, of log records /v1/logs";
	case 413:
		return "; make requests smaller";
	case 415:
		return "; check that the endpoint takes OTLP as protobuf";
	default:
		return "";
	}
}

void otlp_judge_accepted(enum otlp_signal signal, const void *body, size_t size,
			 struct otlp_verdict *verdict)
{
	static const char *const items[] = {
		[OTLP_METRICS] = "data points",
		[OTLP_LOGS] = "log records",
		[OTLP_PROFILES] = "profiles",
	};
	OtlpStatus__ExportMetricsServiceResponse *answer =
		otlp_status__export_metrics_service_response__unpack(NULL, size, body);
	const OtlpStatus__ExportMetricsPartialSuccess *partial;

	verdict->kind = VERDICT_ACCEPTED;
	if (!answer) {
		otlp_message_set(verdict->message, "accepted, but the answer is not OTLP's");
		return;
	}
	partial = answer->partial_success;
	if (partial && partial->rejected_data_points > 0) {
		verdict->rejected_points = partial->rejected_data_points;
		otlp_message_set(verdict->message, "the back end rejected %llu %s: %s",
				 verdict->rejected_points, items[signal], partial->error_message);
	} else if (partial && partial->error_message[0]) {
		otlp_message_set(verdict->message, "accepted; the back end warns: %s",
				 partial->error_message);
	}
	otlp_status__export_metrics_service_response__free_unpacked(answer, NULL);
}

static void judge_success(const struct otlp_response *response, struct otlp_verdict *verdict)
{
	if (response->body_bytes > response->body.size) {
		verdict->kind = VERDICT_ACCEPTED;
		otlp_message_set(verdict->message, "accepted, but the answer has over %zu bytes",
				 response->body.size);
		return;
	}
	otlp_judge_accepted(response->signal, response->body.data, response->body.size, verdict);
}

/* The location without what follows a `?`: it may hold a token. */
static void judge_redirect(const struct otlp_response *response, struct otlp_verdict *verdict)
{
	const char *location = response->headers[HEADER_LOCATION] ?: "somewhere else";

	verdict->kind = VERDICT_REFUSED;
	otlp_message_set(
		verdict->message,
		"the back end answered HTTP %ld: moved to %.*s; redirects are not followed, "
		"name the final address as endpoint",
		response->status, (int)strcspn(location, "?#"), location);
}

static void judge_error(const struct otlp_response *response, struct otlp_verdict *verdict)
{
	OtlpStatus__Status *status = NULL;

	verdict->kind = VERDICT_REFUSED;
	if (response->body.size && response->body.size == response->body_bytes)
		status =
			otlp_status__status__unpack(NULL, response->body.size, response->body.data);
	if (status && status->message[0])
		otlp_message_set(verdict->message, "the back end answered HTTP %ld: %s%s",
				 response->status, status->message, advice(response->status));
	else
		otlp_message_set(verdict->message, "the back end answered HTTP %ld%s",
				 response->status, advice(response->status));
	if (status)
		otlp_status__status__free_unpacked(status, NULL);
}

bool otlp_http_known(const struct otlp_response *response)
{
	return response->headers_ended;
}

void otlp_http_judge(const struct otlp_response *response, long long now_s,
		     struct otlp_verdict *ret_verdict)
{
	struct otlp_verdict verdict = {.retry_after_ms = -1};
	const char *retry_after = response->headers[HEADER_RETRY_AFTER];

	if (response->status >= 200 && response->status < 300)
		judge_success(response, &verdict);
	else if (response->status >= 300 && response->status < 400)
		judge_redirect(response, &verdict);
	else
		judge_error(response, &verdict);
	if (otlp_retry_http_status(response->status)) {
		verdict.kind = VERDICT_RETRY;
		if (retry_after)
			verdict.retry_after_ms = otlp_retry_after_ms(retry_after, now_s);
	}
	*ret_verdict = verdict;
}
