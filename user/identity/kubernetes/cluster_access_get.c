/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A request as libcurl's easy handle, with the credentials as they are at this moment. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/curl_cleanup.h"
#include "base/curl_options.h"
#include "identity/kubernetes/cluster_access_parts.h"

#define CONNECT_TIMEOUT_MS 10000L

/* libcurl says only that something is wrong with one of them. */
static int check_files(const struct cluster_access *access, char *error)
{
	const char *const files[] = {access->ca_file, access->certificate_file, access->key_file};

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		_cleanup_(closep) int fd = -1;
		int err;

		if (!*files[i])
			continue;
		fd = open(files[i], O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (fd >= 0)
			continue;
		err = -errno;
		return cluster_access_fail(error, err, "cannot read %s: %s", files[i],
					   strerror(-err));
	}
	return 0;
}

/* Its file is read each time, since it rotates. NULL: there is none. */
static int read_token(const struct cluster_access *access, char **ret_token, char *error)
{
	const char *fault;
	int err;

	if (*access->token_file) {
		err = cluster_access_read_token(access->token_file, ret_token, &fault);
		return err ? cluster_access_fail(error, err, "the token %s: %s", access->token_file,
						 fault)
			   : 0;
	}
	if (!*access->token)
		return 0;
	*ret_token = strdup(access->token);
	return *ret_token ? 0 : -ENOMEM;
}

static bool is_loopback(const char *host)
{
	struct in_addr address;

	return !strcmp(host, "localhost") || !strcmp(host, "[::1]") ||
	       (inet_pton(AF_INET, host, &address) == 1 && ntohl(address.s_addr) >> 24 == 127);
}

/* What a request goes to, from the server's URL and the path behind it. */
struct destination {
	char *url;
	char *host_header; /* "Host: ..."; NULL: as the URL has it */
	bool tls, loopback;
};

static void destination_done(struct destination *destination)
{
	curl_free(destination->url);
	free(destination->host_header);
}

/* The certificate is to name another host: that one is in the URL, but the server is not told. */
static int rename_host(const struct cluster_access *access, CURLU *url, const char *host,
		       struct destination *ret)
{
	_cleanup_(curl_freep) char *port = NULL;

	if (curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) ||
	    curl_url_set(url, CURLUPART_HOST, access->tls_server_name, 0))
		return -ENOMEM;
	if (asprintf(&ret->host_header, "Host: %s:%s", host, port) < 0) {
		ret->host_header = NULL;
		return -ENOMEM;
	}
	return 0;
}

static int find_destination(const struct cluster_access *access, const char *path,
			    struct destination *ret, char *error)
{
	_cleanup_(curl_url_cleanupp) CURLU *url = curl_url();
	_cleanup_(curl_freep) char *scheme = NULL, *host = NULL;
	_cleanup_(freep) char *text = NULL;
	CURLUcode code;
	int err = 0;

	if (!url || asprintf(&text, "%s%s", access->server, path) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	code = curl_url_set(url, CURLUPART_URL, text, 0);
	if (code)
		return cluster_access_fail(error, -EINVAL, "the URL of a request: %s",
					   curl_url_strerror(code));
	if (curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0))
		return -ENOMEM;
	ret->tls = !strcmp(scheme, "https");
	ret->loopback = is_loopback(host);
	if (access->connect_to)
		err = rename_host(access, url, host, ret);
	if (!err && curl_url_get(url, CURLUPART_URL, &ret->url, 0))
		err = -ENOMEM;
	return err;
}

static void set_proxy(struct curl_options *options, const struct cluster_access *access,
		      const struct destination *destination)
{
	if (access->direct || destination->loopback)
		CURL_OPTION(options, CURLOPT_PROXY, "");
	else
		curl_options_text(options, CURLOPT_PROXY, access->proxy);
}

static void set_options(struct curl_options *options, const struct cluster_access *access,
			const struct destination *destination, const char *token)
{
	const struct curl_trust trust = {
		.ca_file = access->ca_file,
		.certificate_file = access->certificate_file,
		.key_file = access->key_file,
		.insecure_skip_verify = access->insecure_skip_verify,
	};

	CURL_OPTION(options, CURLOPT_URL, destination->url);
	CURL_OPTION(options, CURLOPT_HTTPGET, 1L);
	CURL_OPTION(options, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	CURL_OPTION(options, CURLOPT_ACCEPT_ENCODING, "gzip");
	CURL_OPTION(options, CURLOPT_USERAGENT, "loopscope/" LOOPSCOPE_VERSION);
	CURL_OPTION(options, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_options_manners(options);
	set_proxy(options, access, destination);
	if (access->connect_to)
		CURL_OPTION(options, CURLOPT_CONNECT_TO, access->connect_to);
	if (!destination->tls)
		return;
	curl_options_trust(options, &trust);
	if (token) { /* copied by libcurl, which keeps it from other hosts */
		CURL_OPTION(options, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		CURL_OPTION(options, CURLOPT_XOAUTH2_BEARER, token);
	}
}

static int make_headers(const struct destination *destination, struct curl_slist **ret_headers)
{
	const char *const lines[] = {"Accept: application/json", destination->host_header};
	_cleanup_(curl_slist_free_allp) struct curl_slist *headers = NULL;

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines) && lines[i]; i++) {
		struct curl_slist *longer = curl_slist_append(headers, lines[i]);

		if (!longer)
			return -ENOMEM;
		headers = longer;
	}
	*ret_headers = TAKE_PTR(headers);
	return 0;
}

static int make_easy(const struct cluster_access *access, const struct destination *destination,
		     const char *token, CURL **ret_easy, struct curl_slist **ret_headers)
{
	_cleanup_(curl_slist_free_allp) struct curl_slist *headers = NULL;
	_cleanup_(curl_easy_cleanupp) CURL *easy = curl_easy_init();
	struct curl_options options = {.easy = easy};
	int err = easy ? make_headers(destination, &headers) : -ENOMEM;

	if (err)
		return err;
	set_options(&options, access, destination, token);
	CURL_OPTION(&options, CURLOPT_HTTPHEADER, headers);
	if (options.code)
		return options.code == CURLE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
	*ret_easy = TAKE_PTR(easy);
	*ret_headers = TAKE_PTR(headers);
	return 0;
}

int cluster_access_get(const struct cluster_access *access, const char *path, CURL **ret_easy,
		       struct curl_slist **ret_headers, char *error)
{
	_cleanup_(destination_done) struct destination destination = {};
	_cleanup_(cluster_access_free_secretp) char *token = NULL;
	int err;

	cluster_access_fail(error, 0,
			    "the request cannot be made: out of memory, or libcurl "
			    "lacks what it needs");
	err = find_destination(access, path, &destination, error);
	if (!err)
		err = check_files(access, error);
	if (!err && destination.tls)
		err = read_token(access, &token, error);
	return err ?: make_easy(access, &destination, token, ret_easy, ret_headers);
}
