/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Options of a libcurl handle in a row, and those that every transfer of ours has. */
#ifndef LOOPSCOPE_CURL_OPTIONS_H
#define LOOPSCOPE_CURL_OPTIONS_H

#include <curl/curl.h>
#include <stdbool.h>

/* The first failure sticks: look at `code` once, at the end. */
struct curl_options {
	CURL *easy;
	CURLcode code;
};

#define CURL_OPTION(options, option, value)                                                 \
	do {                                                                                \
		if (!(options)->code)                                                       \
			(options)->code = curl_easy_setopt((options)->easy, option, value); \
	} while (0)

/* Not set where the text is "". */
void curl_options_text(struct curl_options *options, CURLoption option, const char *text);

/* HTTP alone, no redirects, nothing sent to a proxy that is not for it, close-on-exec. */
void curl_options_manners(struct curl_options *options);

/* Files are PEM, "" where there is none: the authorities are the system's then. */
struct curl_trust {
	const char *ca_file, *certificate_file, *key_file;
	bool insecure_skip_verify;
};

void curl_options_trust(struct curl_options *options, const struct curl_trust *trust);

#endif
