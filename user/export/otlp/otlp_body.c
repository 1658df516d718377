/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* From an encoded request to the bytes of a body. */
#include "export/otlp/otlp_body.h"

#include <errno.h>

#include "export/otlp/otlp_verdict.h"

#define STEP_BYTES (128UL * 1024) /* a few ms of compression */

int otlp_body_begin(struct otlp_body *body, struct buffer *request,
		    const struct otlp_settings *settings)
{
	otlp_body_done(body);
	body->request = *request;
	*request = (struct buffer){};
	body->framed = settings->protocol == OTLP_GRPC;
	return settings->gzip ? gzip_new(&body->gzip) : 0;
}

static int compress_step(struct otlp_body *body)
{
	size_t left = body->request.size - body->nr_done;
	size_t size = left < STEP_BYTES ? left : STEP_BYTES;
	int r;

	r = gzip_add(body->gzip, body->request.data + body->nr_done, size, size == left,
		     &body->ready);
	if (r)
		return r;
	body->nr_done += size;
	return size < left;
}

int otlp_body_step(struct otlp_body *body)
{
	int r;

	if (body->gzip) {
		r = compress_step(body);
		if (r)
			return r;
		buffer_done(&body->request);
	} else {
		body->ready = body->request;
		body->request = (struct buffer){};
	}
	r = body->framed ? otlp_grpc_frame(&body->ready, body->gzip) : 0;
	gzip_free(TAKE_PTR(body->gzip));
	return r;
}

void otlp_body_done(struct otlp_body *body)
{
	gzip_free(body->gzip);
	buffer_done(&body->request);
	buffer_done(&body->ready);
	*body = (struct otlp_body){};
}
