/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* libcurl's errors, sorted into those that may pass and those that repeating does not mend. */
#include "export/otlp/otlp_fault.h"

#include <string.h>
#include <strings.h>

#include "export/otlp/otlp_message.h"

/* of GnuTLS's gnutls_certificate_status_t, which CURLINFO_SSL_VERIFYRESULT has of it */
#define CERTIFICATE_REVOKED (1 << 5)
#define CERTIFICATE_SIGNER_NOT_FOUND (1 << 6)
#define CERTIFICATE_NOT_ACTIVATED (1 << 9)
#define CERTIFICATE_EXPIRED (1 << 10)

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

/*
 * Has a handshake ended without a word, as when the receiver restarts? libcurl has
 * one code for all that can happen in it: what the peer says in an alert, such as
 * that it wants a certificate, and own files that cannot be read, are no accidents.
 */
static bool is_cut_handshake(const char *detail)
{
	return strstr(detail, "terminated") || strstr(detail, "reset by peer") ||
	       strstr(detail, "Broken pipe") || strstr(detail, "pull function") ||
	       strstr(detail, "push function");
}

/*
 * HTTP/2's errors of a stream that gRPC takes as passing (NO_ERROR, REFUSED_STREAM, CANCEL),
 * from libcurl's "... was not closed cleanly: CANCEL (err 8)".
 */
static bool is_passing_reset(const char *detail)
{
	const char *at = strstr(detail, "(err ");
	long code = at ? strtol(at + strlen("(err "), NULL, 10) : -1;

	return code == 0 || code == 7 || code == 8;
}

static enum verdict_kind kind_of(const struct otlp_fault *fault)
{
	long proxy_status = 0;

	if (is_lasting(fault->code) || strstr(fault->detail, "TLS fatal alert"))
		return VERDICT_FAILED;
	if (fault->code == CURLE_SSL_CONNECT_ERROR && !is_cut_handshake(fault->detail))
		return VERDICT_FAILED;
	if (fault->code == CURLE_HTTP2_STREAM && !is_passing_reset(fault->detail))
		return VERDICT_FAILED;
	curl_easy_getinfo(fault->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (proxy_status >= 300 && !otlp_retry_http_status(proxy_status))
		return VERDICT_FAILED;
	return VERDICT_RETRY;
}

static bool is_tls(const struct otlp_fault *fault)
{
	return strncasecmp(fault->settings->endpoint, "https:", strlen("https:")) == 0;
}

static bool has_shaken_hands(const struct otlp_fault *fault)
{
	curl_off_t tls_us = 0;

	curl_easy_getinfo(fault->easy, CURLINFO_APPCONNECT_TIME_T, &tls_us);
	return tls_us > 0;
}

static const char *timeout_text(const struct otlp_fault *fault)
{
	long port =
		0; /* of the connection; CURLINFO_CONNECT_TIME is set after the handshake only */

	curl_easy_getinfo(fault->easy, CURLINFO_PRIMARY_PORT, &port);
	if (!port)
		return "no connection in time";
	if (is_tls(fault) && !has_shaken_hands(fault))
		return "connected, but no TLS handshake in time";
	return "no complete answer in time";
}

static const char *certificate_text(const struct otlp_fault *fault)
{
	const char *library = curl_version_info(CURLVERSION_NOW)->ssl_version;
	long status = 0;

	if (!library || strncmp(library, "GnuTLS", strlen("GnuTLS")) != 0 ||
	    curl_easy_getinfo(fault->easy, CURLINFO_SSL_VERIFYRESULT, &status))
		return fault->detail;
	if (status & CERTIFICATE_EXPIRED)
		return "the back end's certificate has expired";
	if (status & CERTIFICATE_NOT_ACTIVATED)
		return "the back end's certificate is not valid yet";
	if (status & CERTIFICATE_REVOKED)
		return "the back end's certificate has been revoked";
	if (status & CERTIFICATE_SIGNER_NOT_FOUND)
		return "the back end's certificate is of an authority that is not trusted; give "
		       "the authority's certificate as CA file";
	return fault->detail;
}

/* TLS 1.3: a client's certificate is looked at when the client has begun to send. */
static bool is_cut_after_handshake(const struct otlp_fault *fault)
{
	return (fault->code == CURLE_SEND_ERROR || fault->code == CURLE_RECV_ERROR) &&
	       !fault->response->header_bytes && is_tls(fault) && has_shaken_hands(fault);
}

/* Texts of our own where libcurl's say less than is known. */
static void explain(const struct otlp_fault *fault, char message[OTLP_CLIENT_MESSAGE_LEN])
{
	const char *text = fault->detail, *advice = "";

	if (is_cut_after_handshake(fault)) {
		text = "the back end closed the connection after the TLS handshake";
		advice = "; perhaps it wants another client certificate";
	} else if (fault->code == CURLE_SSL_CONNECT_ERROR && is_cut_handshake(text)) {
		text = "the back end closed the connection in the TLS handshake";
		advice = "; perhaps it wants another client certificate";
	} else if (fault->code == CURLE_OK) {
		text = "the answer broke off";
	} else if (fault->code == CURLE_OPERATION_TIMEDOUT) {
		text = timeout_text(fault);
	} else if (fault->code == CURLE_WRITE_ERROR) {
		text = fault->response->headers_ended ? "the answer's body is too long"
						      : "the answer's headers are too long";
	} else if (fault->code == CURLE_PEER_FAILED_VERIFICATION) {
		text = certificate_text(fault);
	} else if (fault->code == CURLE_SSL_CACERT_BADFILE) {
		text = "cannot read certificates from the CA file ";
		advice = fault->settings->ca_file;
	} else if (fault->code == CURLE_SSL_CONNECT_ERROR && strstr(text, "Handshake failed")) {
		advice = "; perhaps the back end wants another client certificate";
	} else if (fault->code == CURLE_UNSUPPORTED_PROTOCOL ||
		   fault->code == CURLE_WEIRD_SERVER_REPLY) {
		advice = "; check that the endpoint's port is the receiver's";
	} else if (!*text) {
		text = curl_easy_strerror(fault->code);
	}
	otlp_message_set(message, "%s%s", text, advice);
}

/* A connection kept from an earlier request, which the back end has left since. */
static bool is_stale_connection(const struct otlp_fault *fault)
{
	long nr_new = 1;

	curl_easy_getinfo(fault->easy, CURLINFO_NUM_CONNECTS, &nr_new);
	return !nr_new && !fault->response->header_bytes &&
	       (fault->code == CURLE_SEND_ERROR || fault->code == CURLE_RECV_ERROR ||
		fault->code == CURLE_HTTP2 || fault->code == CURLE_GOT_NOTHING);
}

void otlp_fault_judge(const struct otlp_fault *fault, struct otlp_verdict *ret_verdict)
{
	struct otlp_verdict verdict = {.kind = kind_of(fault), .retry_after_ms = -1};

	verdict.at_once = is_stale_connection(fault);
	explain(fault, verdict.message);
	*ret_verdict = verdict;
}
