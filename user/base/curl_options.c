/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What loopscope wants of every transfer, whomever it speaks with. */
#include "base/curl_options.h"

#include <sys/socket.h>
#include <unistd.h>

#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

void curl_options_text(struct curl_options *options, CURLoption option, const char *text)
{
	if (*text)
		CURL_OPTION(options, option, text);
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)context;
	(void)purpose;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void curl_options_manners(struct curl_options *options)
{
	CURL_OPTION(options, CURLOPT_NOSIGNAL, 1L);
	CURL_OPTION(options, CURLOPT_QUICK_EXIT, 1L); /* else giving up waits for the resolver */
	CURL_OPTION(options, CURLOPT_PROTOCOLS_STR, "http,https");
	CURL_OPTION(options, CURLOPT_FOLLOWLOCATION, 0L); /* headers carry credentials */
	CURL_OPTION(options, CURLOPT_HEADEROPT,
		    (long)CURLHEADER_SEPARATE); /* nor are they a proxy's */
	CURL_OPTION(options, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	CURL_OPTION(options, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	CURL_OPTION(options, CURLOPT_TCP_KEEPALIVE, 1L);
}

/*
 * Debian's libcurl also believes a directory, whatever file it is given: with an own
 * file, that is wrong; without, each connection reads every certificate of the
 * machine three times over, 26 ms instead of 7.
 */
static const char *authorities(const struct curl_trust *trust)
{
	if (*trust->ca_file)
		return trust->ca_file;
	return access(SYSTEM_CA_FILE, R_OK) == 0 ? SYSTEM_CA_FILE : NULL;
}

void curl_options_trust(struct curl_options *options, const struct curl_trust *trust)
{
	const char *ca_file = authorities(trust);

	if (ca_file) {
		CURL_OPTION(options, CURLOPT_CAINFO, ca_file);
		CURL_OPTION(options, CURLOPT_CAPATH, NULL);
	}
	curl_options_text(options, CURLOPT_SSLCERT, trust->certificate_file);
	curl_options_text(options, CURLOPT_SSLKEY, trust->key_file);
	CURL_OPTION(options, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (trust->insecure_skip_verify) {
		CURL_OPTION(options, CURLOPT_SSL_VERIFYPEER, 0L);
		CURL_OPTION(options, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}
