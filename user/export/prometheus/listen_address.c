/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text to socket address, and that to a socket. */
#include "export/prometheus/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/number.h"

#define BACKLOG 64

static int parse_v4(const char *host, uint16_t port, struct listen_address *ret_address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)&ret_address->address;

	*in = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	ret_address->size = sizeof(*in);
	return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? 0 : -EINVAL;
}

static int parse_v6(const char *host, uint16_t port, struct listen_address *ret_address)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&ret_address->address;

	*in6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = port};
	ret_address->size = sizeof(*in6);
	return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 ? 0 : -EINVAL;
}

/* The text up to the last colon, brackets off; false if it is no host that could be one. */
static bool split_host(const char *text, const char *colon, char host[INET6_ADDRSTRLEN],
		       bool *ret_bracketed)
{
	size_t length = (size_t)(colon - text);
	bool bracketed = length >= 2 && text[0] == '[' && text[length - 1] == ']';

	if (bracketed) {
		text++;
		length -= 2;
	}
	if (length >= INET6_ADDRSTRLEN)
		return false;
	memcpy(host, text, length);
	host[length] = '\0';
	*ret_bracketed = bracketed;
	return true;
}

int listen_address_parse(const char *text, struct listen_address *ret_address)
{
	const char *colon = strrchr(text, ':');
	struct listen_address address = {};
	char host[INET6_ADDRSTRLEN];
	bool bracketed;
	long port;
	int err;

	if (!colon || !split_host(text, colon, host, &bracketed) ||
	    number_parse_whole(colon + 1, 0, UINT16_MAX, &port))
		return -EINVAL;
	address.any = !bracketed && !*host;
	if (address.any)
		err = parse_v6("::", htons((uint16_t)port), &address);
	else if (bracketed)
		err = parse_v6(host, htons((uint16_t)port), &address);
	else
		err = parse_v4(host, htons((uint16_t)port), &address);
	if (!err)
		*ret_address = address;
	return err;
}

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

int listen_address_open(const struct listen_address *address, int *ret_fd, int *ret_port)
{
	int err = open_socket(&address->address, address->size, !address->any, ret_fd, ret_port);
	struct listen_address v4;

	/* IPv6 built out of the kernel, or switched off */
	if (!address->any || (err != -EAFNOSUPPORT && err != -EADDRNOTAVAIL))
		return err;
	parse_v4("0.0.0.0", htons((uint16_t)port_of(&address->address)), &v4);
	return open_socket(&v4.address, v4.size, false, ret_fd, ret_port);
}
