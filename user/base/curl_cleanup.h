/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What libcurl gives, released on leaving its scope. */
#ifndef LOOPSCOPE_CURL_CLEANUP_H
#define LOOPSCOPE_CURL_CLEANUP_H

#include <curl/curl.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(CURL *, curl_easy_cleanup)
DEFINE_CLEANUP(CURLU *, curl_url_cleanup)
DEFINE_CLEANUP(char *, curl_free)

#endif
