/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Basic authentication: whether a request carries the right name and password. */
#ifndef LOOPSCOPE_HTTP_AUTH_H
#define LOOPSCOPE_HTTP_AUTH_H

#include <microhttpd.h>
#include <stdbool.h>

#include "config/settings/settings.h"

/* True if no user name and no password are set. Takes as long for a wrong one as for the right. */
bool http_auth_allows(const struct prometheus_settings *settings,
		      struct MHD_Connection *connection);

#endif
