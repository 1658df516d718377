/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A libcurl handle set up for OTLP: what the settings ask for, and what loopscope
 * wants of every transfer. Private to the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_EASY_H
#define LOOPSCOPE_OTLP_EASY_H

#include <curl/curl.h>

#include "config/settings/settings.h"
#include "export/otlp/otlp_client.h"

/* -EINVAL: `error` says what is wrong with the settings. */
int otlp_easy_new(const struct otlp_settings *settings, CURL **ret_easy,
		  char error[OTLP_CLIENT_MESSAGE_LEN]);

/* -EINVAL: a name or value that no request may have, or a name that is loopscope's to set. */
int otlp_headers_check(const struct text_pairs *headers, char error[OTLP_CLIENT_MESSAGE_LEN]);

/* The headers of one attempt, the caller's to free; NULL: out of memory. */
struct curl_slist *otlp_headers_new(const struct otlp_settings *settings, double timeout_ms);

#endif
