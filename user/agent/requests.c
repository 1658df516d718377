/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Two arrays that grow together. */
#include "agent/requests.h"

#include <errno.h>

void requests_done(struct requests *requests)
{
	for (size_t i = 0; i < requests->nr; i++)
		buffer_done(&requests->items[i]);
	free(requests->items);
	free(requests->shipments);
	*requests = (struct requests){};
}

static int grow(struct requests *requests)
{
	size_t capacity = requests->capacity ? 2 * requests->capacity : 8;
	struct buffer *items = reallocarray(requests->items, capacity, sizeof(*items));
	unsigned int *shipments;

	if (!items)
		return -ENOMEM;
	requests->items = items;
	shipments = reallocarray(requests->shipments, capacity, sizeof(*shipments));
	if (!shipments)
		return -ENOMEM;
	requests->shipments = shipments;
	requests->capacity = capacity;
	return 0;
}

int requests_add(struct requests *requests, struct buffer *request, unsigned int shipment)
{
	if (requests->nr == requests->capacity && grow(requests))
		return -ENOMEM;
	requests->items[requests->nr] = *request;
	requests->shipments[requests->nr++] = shipment;
	*request = (struct buffer){};
	return 0;
}
