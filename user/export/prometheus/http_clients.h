/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Who is connected, and since when there is an answer due. Private to the HTTP server. */
#ifndef LOOPSCOPE_HTTP_CLIENTS_H
#define LOOPSCOPE_HTTP_CLIENTS_H

#include <microhttpd.h>
#include <stdbool.h>
#include <stdint.h>

#define HTTP_MAX_CLIENTS 32 /* more wait in the listen queue */
#define HTTP_CLIENT_TIMEOUT_US (15ULL * 1000 * 1000)

struct http_client {
	struct MHD_Connection *connection; /* NULL: unused */
	uint64_t since_us;                 /* connected, asked, or been answered */
};

struct http_clients {
	struct http_client items[HTTP_MAX_CLIENTS];
	unsigned int nr;
	bool room_again; /* there was none: the library takes who waits only when it runs next */
	uint64_t timeout_us;
};

/* NULL: no room, which the library's own limit prevents. */
struct http_client *http_clients_add(struct http_clients *clients,
				     struct MHD_Connection *connection, uint64_t now_us);
void http_clients_remove(struct http_clients *clients, struct http_client *client);

/* Cuts what has come to no end in time; when the next one is due, UINT64_MAX for never. */
uint64_t http_clients_cut_overdue(struct http_clients *clients, uint64_t now_us);

#endif
