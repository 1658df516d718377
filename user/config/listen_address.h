/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a server listens: "127.0.0.1:9464", "[::1]:9464", or ":9464" for every
 * address of the machine. Addresses only: a name would have to be looked up.
 */
#ifndef LOOPSCOPE_LISTEN_ADDRESS_H
#define LOOPSCOPE_LISTEN_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

struct listen_address {
	struct sockaddr_storage address;
	socklen_t size;
	bool any; /* ":port": both families, or the older one where there is no IPv6 */
};

/* -EINVAL: not of that form. Pure. */
int listen_address_parse(const char *text, struct listen_address *ret_address);

#endif
