/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text to socket address. */
#include "config/listen_address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>

#include "config/number.h"

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
