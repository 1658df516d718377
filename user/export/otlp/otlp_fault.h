/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a transfer that ended without a usable response came to: is it worth
 * another attempt, and what is to be said of it. Private to the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_FAULT_H
#define LOOPSCOPE_OTLP_FAULT_H

#include <curl/curl.h>

#include "config/settings/settings.h"
#include "export/otlp/otlp_response.h"
#include "export/otlp/otlp_verdict.h"

struct otlp_fault {
	CURL *easy;
	CURLcode code;      /* CURLE_OK: libcurl was content, but the headers had no end */
	const char *detail; /* libcurl's error buffer */
	const struct otlp_response *response;
	const struct otlp_settings *settings;
};

void otlp_fault_judge(const struct otlp_fault *fault, struct otlp_verdict *ret_verdict);

#endif
