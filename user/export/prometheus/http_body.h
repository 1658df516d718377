/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A compressed body as a response, which gives the bytes as fast as the client takes them. */
#ifndef LOOPSCOPE_HTTP_BODY_H
#define LOOPSCOPE_HTTP_BODY_H

#include <microhttpd.h>

#include "export/prometheus/gzip_body.h"

/*
 * Takes the body, even on failure (NULL: no memory). It goes out as it is or, for a client
 * that does not take gzip, inflated. *nr_bodies counts it for as long as it is held.
 */
struct MHD_Response *http_body_response(struct gzip_body *body, struct MHD_Connection *connection,
					unsigned int *nr_bodies);

#endif
