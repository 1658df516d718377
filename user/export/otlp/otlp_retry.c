/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * When a request is sent again, and how long to wait before: the OTLP
 * specification's lists of codes, and the back-off that OpenTelemetry's SDKs use
 * (1 s first, times 1.5, 5 s at most, a fifth more or less by chance).
 */
#include "export/otlp/otlp_client.h"

#include <ctype.h>
#include <curl/curl.h>

#include "export/otlp/otlp_verdict.h"

#define BACKOFF_FIRST_MS 1000.0
#define BACKOFF_MAX_MS 5000.0
#define BACKOFF_FACTOR 1.5
#define BACKOFF_JITTER 0.2

#define RETRY_AFTER_MAX_S 1e9 /* longer than any deadline */

double otlp_retry_backoff_ms(unsigned int attempt, double random01)
{
	double backoff = BACKOFF_FIRST_MS;

	for (unsigned int i = 1; i < attempt && backoff < BACKOFF_MAX_MS; i++)
		backoff *= BACKOFF_FACTOR;
	if (backoff > BACKOFF_MAX_MS)
		backoff = BACKOFF_MAX_MS;
	return backoff * (1 - BACKOFF_JITTER + 2 * BACKOFF_JITTER * random01);
}

static double after_seconds(const char *text)
{
	double seconds = 0;

	for (; isdigit((unsigned char)*text); text++) {
		seconds = seconds * 10 + (*text - '0');
		if (seconds > RETRY_AFTER_MAX_S)
			seconds = RETRY_AFTER_MAX_S;
	}
	while (*text == ' ' || *text == '\t')
		text++;
	return *text ? -1 : seconds * 1000;
}

double otlp_retry_after_ms(const char *text, long long now_s)
{
	time_t date;

	while (*text == ' ' || *text == '\t')
		text++;
	if (isdigit((unsigned char)*text))
		return after_seconds(text);
	/* each form of an HTTP date begins with the day's name; curl_getdate takes much else */
	if (!isalpha((unsigned char)*text))
		return -1;
	date = curl_getdate(text, NULL);
	if (date == -1)
		return -1;
	return date > now_s ? (date - now_s) * 1000.0 : 0;
}

bool otlp_retry_http_status(long status)
{
	return status == 429 || status == 502 || status == 503 || status == 504;
}

bool otlp_retry_grpc_status(int status, bool has_retry_info)
{
	switch (status) {
	case GRPC_CANCELLED:
	case GRPC_DEADLINE_EXCEEDED:
	case GRPC_ABORTED:
	case GRPC_OUT_OF_RANGE:
	case GRPC_UNAVAILABLE:
	case GRPC_DATA_LOSS:
		return true;
	case GRPC_RESOURCE_EXHAUSTED:
		return has_retry_info;
	default:
		return false;
	}
}
