/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Settings into libcurl's options, all but those of a single attempt. */
#include "export/otlp/otlp_easy.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/curl_cleanup.h"
#include "export/otlp/otlp_message.h"

#define GRPC_PATH "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export"
#define SYSTEM_CA_FILE "/etc/ssl/certs/ca-certificates.crt"

/* The first failure sticks, so that options can be set in a row. */
struct options {
	CURL *easy;
	CURLcode code;
};

#define OPTION(options, option, value)                                                      \
	do {                                                                                \
		if (!(options)->code)                                                       \
			(options)->code = curl_easy_setopt((options)->easy, option, value); \
	} while (0)

static void set_text(struct options *options, CURLoption option, const char *text)
{
	if (*text)
		OPTION(options, option, text);
}

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	(void)context;
	(void)purpose;
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/*
 * libcurl 7.88 puts a second layer of HTTP/2 on a connection that it uses again, if
 * that had no TLS (fixed in 8.0, curl's pull request 10643).
 */
static bool can_reuse_plain_http2(void)
{
	unsigned int version = curl_version_info(CURLVERSION_NOW)->version_num;

	return version < CURL_VERSION_BITS(7, 88, 0) || version >= CURL_VERSION_BITS(8, 0, 0);
}

/* What every transfer has. */
static void set_manners(struct options *options)
{
	OPTION(options, CURLOPT_NOSIGNAL, 1L);
	OPTION(options, CURLOPT_QUICK_EXIT, 1L); /* else giving up waits for the resolver */
	OPTION(options, CURLOPT_PROTOCOLS_STR, "http,https");
	OPTION(options, CURLOPT_FOLLOWLOCATION, 0L); /* headers carry credentials */
	OPTION(options, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE); /* nor are they a proxy's */
	OPTION(options, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	OPTION(options, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	OPTION(options, CURLOPT_TCP_KEEPALIVE, 1L);
	OPTION(options, CURLOPT_POST, 1L);
}

static void set_protocol(struct options *options, const struct otlp_settings *settings, bool tls)
{
	long version = CURL_HTTP_VERSION_1_1;

	if (tls)
		version = CURL_HTTP_VERSION_2TLS;
	else if (settings->protocol == OTLP_GRPC)
		version = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	OPTION(options, CURLOPT_HTTP_VERSION, version);
	if (version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE && !can_reuse_plain_http2())
		OPTION(options, CURLOPT_FORBID_REUSE, 1L);
	/* a proxy speaks HTTP/1.1: gRPC goes through it in a tunnel */
	if (settings->protocol == OTLP_GRPC)
		OPTION(options, CURLOPT_HTTPPROXYTUNNEL, 1L);
	set_text(options, CURLOPT_PROXY, settings->proxy);
}

/*
 * Debian's libcurl also believes a directory, whatever file it is given: with an own
 * file, that is wrong; without, each connection reads every certificate of the
 * machine three times over, 26 ms instead of 7.
 */
static const char *authorities(const struct otlp_settings *settings)
{
	if (*settings->ca_file)
		return settings->ca_file;
	return access(SYSTEM_CA_FILE, R_OK) == 0 ? SYSTEM_CA_FILE : NULL;
}

static void set_tls(struct options *options, const struct otlp_settings *settings)
{
	const char *ca_file = authorities(settings);

	if (ca_file) {
		OPTION(options, CURLOPT_CAINFO, ca_file);
		OPTION(options, CURLOPT_CAPATH, NULL);
	}
	set_text(options, CURLOPT_SSLCERT, settings->certificate_file);
	set_text(options, CURLOPT_SSLKEY, settings->key_file);
	OPTION(options, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (settings->insecure_skip_verify) {
		OPTION(options, CURLOPT_SSL_VERIFYPEER, 0L);
		OPTION(options, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

/* The URL to post to. For gRPC the path is the method's, whatever the endpoint has. */
static int parse_endpoint(const struct otlp_settings *settings, char **ret_url, bool *ret_tls,
			  char *error)
{
	_cleanup_(curl_url_cleanupp) CURLU *url = curl_url();
	_cleanup_(curl_freep) char *scheme = NULL;
	CURLUcode code;

	if (!url)
		return -ENOMEM;
	code = curl_url_set(url, CURLUPART_URL, settings->endpoint, 0);
	if (!code)
		code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
	if (code || (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0)) {
		otlp_message_set(error, "the endpoint is not a URL of http or https%s%s",
				 code ? ": " : "", code ? curl_url_strerror(code) : "");
		return -EINVAL;
	}
	if (settings->protocol == OTLP_GRPC && (curl_url_set(url, CURLUPART_PATH, GRPC_PATH, 0) ||
						curl_url_set(url, CURLUPART_QUERY, NULL, 0)))
		return -ENOMEM;
	if (curl_url_set(url, CURLUPART_FRAGMENT, NULL, 0) ||
	    curl_url_get(url, CURLUPART_URL, ret_url, 0))
		return -ENOMEM;
	*ret_tls = strcmp(scheme, "https") == 0;
	return 0;
}

int otlp_easy_new(const struct otlp_settings *settings, CURL **ret_easy,
		  char error[OTLP_CLIENT_MESSAGE_LEN])
{
	_cleanup_(curl_easy_cleanupp) CURL *easy = NULL;
	_cleanup_(curl_freep) char *url = NULL;
	struct options options = {};
	bool tls;
	int r;

	r = otlp_headers_check(&settings->headers, error);
	if (r)
		return r;
	r = parse_endpoint(settings, &url, &tls, error);
	if (r)
		return r;
	options.easy = easy = curl_easy_init();
	if (!easy)
		return -ENOMEM;
	OPTION(&options, CURLOPT_URL, url);
	set_manners(&options);
	set_protocol(&options, settings, tls);
	set_tls(&options, settings);
	if (options.code == CURLE_OUT_OF_MEMORY)
		return -ENOMEM;
	if (options.code) {
		otlp_message_set(error, "libcurl does not take a setting: %s",
				 curl_easy_strerror(options.code));
		return -EINVAL;
	}
	*ret_easy = TAKE_PTR(easy);
	return 0;
}
