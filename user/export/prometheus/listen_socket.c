/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An address for both families falls back to the older one. */
#include "export/prometheus/listen_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>

#include "base/cleanup.h"

#define BACKLOG 64

static int port_of(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6)
		return ntohs(((const struct sockaddr_in6 *)address)->sin6_port);
	return ntohs(((const struct sockaddr_in *)address)->sin_port);
}

static int open_socket(const struct sockaddr_storage *address, socklen_t size, bool v6_only,
		       int *ret_fd, int *ret_port)
{
	_cleanup_(closep) int fd =
		socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_storage bound = {};
	socklen_t bound_size = sizeof(bound);

	if (fd < 0)
		return -errno;
	/* or a port could not be had again while connections of the agent before linger */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)))
		return -errno;
	if (address->ss_family == AF_INET6 &&
	    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &(int){v6_only}, sizeof(int)))
		return -errno;
	if (bind(fd, (const struct sockaddr *)address, size) || listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&bound, &bound_size))
		return -errno;
	*ret_port = port_of(&bound);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int listen_socket_open(const struct listen_address *address, int *ret_fd, int *ret_port)
{
	int err = open_socket(&address->address, address->size, !address->any, ret_fd, ret_port);
	struct listen_address v4;
	char text[32];

	/* IPv6 built out of the kernel, or switched off */
	if (!address->any || (err != -EAFNOSUPPORT && err != -EADDRNOTAVAIL))
		return err;
	snprintf(text, sizeof(text), "0.0.0.0:%d", port_of(&address->address));
	err = listen_address_parse(text, &v4);
	return err ? err : open_socket(&v4.address, v4.size, false, ret_fd, ret_port);
}
