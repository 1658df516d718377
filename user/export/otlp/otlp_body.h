/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes an encoded request ready to send: gzip, and gRPC's frame. In steps short
 * enough for an event loop, since a request may have many MiB. Pure; private to
 * the OTLP client.
 */
#ifndef LOOPSCOPE_OTLP_BODY_H
#define LOOPSCOPE_OTLP_BODY_H

#include "base/buffer.h"
#include "config/settings/settings.h"
#include "export/gzip.h"

/* All zero is an empty one. */
struct otlp_body {
	struct buffer request; /* what is left to do */
	size_t nr_done;
	struct gzip *gzip; /* NULL: not wanted */
	bool framed;
	struct buffer ready; /* what to send, once otlp_body_step has said so */
};

/* Takes the request's memory, even on errors. */
int otlp_body_begin(struct otlp_body *body, struct buffer *request,
		    const struct otlp_settings *settings);

/* 1: call again; 0: ready; -errno. */
int otlp_body_step(struct otlp_body *body);
void otlp_body_done(struct otlp_body *body);

#endif
