/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Settings into libcurl's options, all but those of a single attempt. */
#include "export/otlp/otlp_easy.h"

#include <errno.h>
#include <string.h>

#include "base/curl_cleanup.h"
#include "base/curl_options.h"
#include "export/otlp/otlp_message.h"
#include "export/otlp/otlp_signal.h"

/*
 * libcurl 7.88 puts a second layer of HTTP/2 on a connection that it uses again, if
 * that had no TLS (fixed in 8.0, curl's pull request 10643).
 */
static bool can_reuse_plain_http2(void)
{
	unsigned int version = curl_version_info(CURLVERSION_NOW)->version_num;

	return version < CURL_VERSION_BITS(7, 88, 0) || version >= CURL_VERSION_BITS(8, 0, 0);
}

static void set_protocol(struct curl_options *options, const struct otlp_settings *settings,
			 bool tls)
{
	long version = CURL_HTTP_VERSION_1_1;

	if (tls)
		version = CURL_HTTP_VERSION_2TLS;
	else if (settings->protocol == OTLP_GRPC)
		version = CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE;
	CURL_OPTION(options, CURLOPT_HTTP_VERSION, version);
	if (version == CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE && !can_reuse_plain_http2())
		CURL_OPTION(options, CURLOPT_FORBID_REUSE, 1L);
	/* a proxy speaks HTTP/1.1: gRPC goes through it in a tunnel */
	if (settings->protocol == OTLP_GRPC)
		CURL_OPTION(options, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_options_text(options, CURLOPT_PROXY, settings->proxy);
}

static void set_tls(struct curl_options *options, const struct otlp_settings *settings)
{
	const struct curl_trust trust = {
		.ca_file = settings->ca_file,
		.certificate_file = settings->certificate_file,
		.key_file = settings->key_file,
		.insecure_skip_verify = settings->insecure_skip_verify,
	};

	curl_options_trust(options, &trust);
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
	if (settings->protocol == OTLP_GRPC &&
	    (curl_url_set(url, CURLUPART_PATH, otlp_signal_method(settings->signal), 0) ||
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
	struct curl_options options = {};
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
	CURL_OPTION(&options, CURLOPT_URL, url);
	CURL_OPTION(&options, CURLOPT_POST, 1L);
	curl_options_manners(&options);
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
