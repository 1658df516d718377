/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A byte now and then keeps a connection from being idle: so a request has a time limit, too. */
#include "export/prometheus/http_clients.h"

#include <stddef.h>
#include <sys/socket.h>

struct http_client *http_clients_add(struct http_clients *clients,
				     struct MHD_Connection *connection, uint64_t now_us)
{
	clients->nr++;
	for (size_t i = 0; i < HTTP_MAX_CLIENTS; i++) {
		struct http_client *client = &clients->items[i];

		if (client->connection)
			continue;
		*client = (struct http_client){connection, now_us};
		return client;
	}
	return NULL;
}

void http_clients_remove(struct http_clients *clients, struct http_client *client)
{
	if (clients->nr-- == HTTP_MAX_CLIENTS)
		clients->room_again = true;
	if (client)
		client->connection = NULL;
}

/* The library then finds the connection closed, and ends it. */
static void cut(struct http_client *client)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(client->connection, MHD_CONNECTION_INFO_CONNECTION_FD);

	if (info)
		shutdown(info->connect_fd, SHUT_RDWR);
}

uint64_t http_clients_cut_overdue(struct http_clients *clients, uint64_t now_us)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < HTTP_MAX_CLIENTS; i++) {
		struct http_client *client = &clients->items[i];
		uint64_t due = client->since_us + clients->timeout_us;

		if (!client->connection)
			continue;
		if (due <= now_us) {
			cut(client);
			client->since_us = now_us;
		} else if (due < next) {
			next = due;
		}
	}
	return next;
}
