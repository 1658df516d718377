/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Encoded requests, and the shipment that each is part of. All zero is none. */
#ifndef LOOPSCOPE_REQUESTS_H
#define LOOPSCOPE_REQUESTS_H

#include "base/buffer.h"

struct requests {
	struct buffer *items;
	unsigned int *shipments;
	size_t nr, capacity;
};

/* Takes the buffer. -ENOMEM: it stays the caller's. */
int requests_add(struct requests *requests, struct buffer *request, unsigned int shipment);
void requests_done(struct requests *requests);

#endif
