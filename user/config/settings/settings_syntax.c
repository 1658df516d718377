/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts that have a form of their own. Pure. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "base/utf8.h"
#include "config/glob.h"
#include "config/listen_address.h"
#include "config/number.h"
#include "config/settings/settings_load.h"

#define PORT_MAX 65535

const char *syntax_text_fault(const char *text)
{
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return "holds a line break or another control character";
	}
	return utf8_valid(text) ? NULL : "is not UTF-8";
}

const char *syntax_comm_fault(const char *text)
{
	struct comm_glob glob;

	switch (glob_compile(text, &glob)) {
	case 0:
		if (glob_shortest_match(&glob) >= COMM_GLOB_COMM_LEN)
			return "can match nothing: names have 15 characters at most, so shorten "
			       "it with *";
		return NULL;
	case -E2BIG:
		return "is too long: 31 characters, ? and * at most";
	default:
		return "is not a pattern of text, *, ? and [a-z]";
	}
}

const char *syntax_listen_fault(const char *text)
{
	static const char *const form =
		"is not an address to listen on; allowed: IPV4:PORT, [IPV6]:PORT, :PORT, none";
	const char *colon = strrchr(text, ':');
	struct listen_address address;
	long port;

	if (!strcmp(text, "none"))
		return NULL;
	if (colon && number_parse_whole(colon + 1, 0, PORT_MAX, &port))
		return "has no port from 0 to 65535 at its end";
	return listen_address_parse(text, &address) ? form : NULL;
}

size_t syntax_http_scheme(const char *text)
{
	static const char *const schemes[] = {"http://", "https://"};

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (!strncasecmp(text, schemes[i], strlen(schemes[i])))
			return strlen(schemes[i]);
	}
	return 0;
}

bool syntax_is_url(const char *text)
{
	CURLU *url = curl_url();
	bool is_url = url && !curl_url_set(url, CURLUPART_URL, text, 0);

	curl_url_cleanup(url);
	return is_url;
}

const char *syntax_server_fault(const char *text)
{
	size_t authority = syntax_http_scheme(text);
	size_t length = strcspn(text + authority, "/?#");

	if (!authority)
		return "begins with neither http:// nor https://";
	if (memchr(text + authority, '@', length))
		return "holds a user or password, which would be seen: leave them out";
	if (!length || !syntax_is_url(text))
		return "is not a URL, as in https://HOST:10250";
	if (text[authority + length])
		return "has something behind the port: write https://HOST:10250 alone";
	return NULL;
}

char *syntax_bracket_address(const char *text)
{
	size_t authority = syntax_http_scheme(text);
	const char *host = text + authority;
	const char *colon = memrchr(host, ':', strcspn(host, "/?#"));
	char address[INET6_ADDRSTRLEN], *bracketed;
	struct in6_addr parsed;

	if (!authority || !colon || (size_t)(colon - host) >= sizeof(address))
		return strdup(text);
	snprintf(address, sizeof(address), "%.*s", (int)(colon - host), host);
	if (inet_pton(AF_INET6, address, &parsed) != 1)
		return strdup(text);
	if (asprintf(&bracketed, "%.*s[%s]%s", (int)authority, text, address, colon) < 0)
		return NULL;
	return bracketed;
}

const char *syntax_proxy_fault(const char *text)
{
	static const char *const schemes[] = {"http://",    "https://",  "socks4://",
					      "socks4a://", "socks5://", "socks5h://"};
	const char *fault = "is not the URL of a proxy; allowed: http, https, socks4, socks4a, "
			    "socks5 or socks5h, ://HOST:PORT";
	CURLU *url = curl_url();

	if (!url)
		return "cannot be checked: out of memory";
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		if (!strncmp(text, schemes[i], strlen(schemes[i])) &&
		    !curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME))
			fault = NULL;
	}
	curl_url_cleanup(url);
	return fault;
}

const char *syntax_header_name_fault(const char *name)
{
	static const char *const own[] = {
		"connection", "content-encoding",  "content-length", "content-type", "expect",
		"te",         "transfer-encoding", "upgrade",
	};

	if (!*name)
		return "the name of a header must not be empty";
	for (const char *c = name; *c; c++) {
		if (!isalnum((unsigned char)*c) && !strchr("!#$%&'*+-.^_`|~", *c))
			return "the name of a header has letters, digits and -_. in it, no spaces "
			       "and no colon";
	}
	for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
		if (!strcmp(name, own[i]))
			return "content-type and the like are set by the exporter itself";
	}
	return NULL;
}
