/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* libcurl's errors, sorted into those that may pass and those that repeating does not mend. */
#include "export/otlp_fault.h"

#include <string.h>

#include "export/otlp_message.h"

/* nothing but a change at one of the two ends helps */
static bool is_lasting(CURLcode code)
{
	switch (code) {
	case CURLE_UNSUPPORTED_PROTOCOL: /* among them, what is no HTTP at all */
	case CURLE_URL_MALFORMAT:
	case CURLE_NOT_BUILT_IN:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_OUT_OF_MEMORY:
	case CURLE_WRITE_ERROR: /* our own callbacks: headers or a body without end */
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return true;
	default:
		return false;
	}
}

/* The peer has said, in TLS's own words, that it does not want us: no accident. */
static bool is_tls_alert(const char *detail)
{
	return strstr(detail, "TLS fatal alert");
}

static const char *timeout_text(CURL *easy)
{
	curl_off_t connect_us = 0, tls_us = 0;
	const char *scheme = NULL;

	curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connect_us);
	curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	curl_easy_getinfo(easy, CURLINFO_SCHEME, &scheme);
	if (!connect_us)
		return "no connection in time";
	if (scheme && strcasecmp(scheme, "https") == 0 && !tls_us)
		return "connected, but no TLS handshake in time";
	return "no complete answer in time";
}

/* The error code in libcurl's "... was not closed cleanly: CANCEL (err 8)"; -1: there is none. */
static long reset_code(const char *detail)
{
	const char *at = strstr(detail, "(err ");

	return at ? strtol(at + strlen("(err "), NULL, 10) : -1;
}

/* HTTP/2's errors of which gRPC says that they may pass: NO_ERROR, REFUSED_STREAM, CANCEL */
static bool is_passing_reset(const char *detail)
{
	long code = reset_code(detail);

	return code == 0 || code == 7 || code == 8;
}

static enum verdict_kind kind_of(CURL *easy, CURLcode code, const char *detail)
{
	long proxy_status = 0;

	if (is_lasting(code) || is_tls_alert(detail))
		return VERDICT_FAILED;
	if (code == CURLE_HTTP2_STREAM && !is_passing_reset(detail))
		return VERDICT_FAILED;
	curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (proxy_status >= 300 && !otlp_retry_http_status(proxy_status))
		return VERDICT_FAILED;
	return VERDICT_RETRY;
}

void otlp_fault_judge(CURL *easy, CURLcode code, const char *detail,
		      const struct otlp_response *response, struct otlp_verdict *ret_verdict)
{
	struct otlp_verdict verdict = {.kind = kind_of(easy, code, detail), .retry_after_ms = -1};

	if (code == CURLE_OPERATION_TIMEDOUT)
		detail = timeout_text(easy);
	else if (code == CURLE_WRITE_ERROR)
		detail = response->headers_ended ? "the answer's body is too long"
						 : "the answer's headers are too long";
	else if (!detail[0])
		detail = curl_easy_strerror(code);
	otlp_message_set(verdict.message, "%s", detail);
	*ret_verdict = verdict;
}
