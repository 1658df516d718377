/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a transfer that ended without a usable response came to: is it worth
 * another attempt, and what is to be said of it. Private to the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_FAULT_H
#define LOOPSCOPE_OTLP_FAULT_H

#include <curl/curl.h>

#include "export/otlp_response.h"
#include "export/otlp_verdict.h"

/* `detail` is libcurl's error buffer. */
void otlp_fault_judge(CURL *easy, CURLcode code, const char *detail,
		      const struct otlp_response *response, struct otlp_verdict *ret_verdict);

#endif
