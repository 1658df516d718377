/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Listen addresses: which are understood, and what is bound. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "export/prometheus/listen_socket.h"

static void good_ones(void **state)
{
	struct listen_address address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)&address.address;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address.address;

	(void)state;
	assert_int_equal(listen_address_parse("127.0.0.1:9464", &address), 0);
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(ntohs(in->sin_port), 9464);
	assert_int_equal(ntohl(in->sin_addr.s_addr), INADDR_LOOPBACK);
	assert_false(address.any);
	assert_int_equal(listen_address_parse("[::1]:0", &address), 0);
	assert_int_equal(in6->sin6_family, AF_INET6);
	assert_memory_equal(&in6->sin6_addr, &in6addr_loopback, sizeof(in6addr_loopback));
	assert_false(address.any);
	assert_int_equal(listen_address_parse("[::]:1", &address), 0);
	assert_false(address.any);
	assert_int_equal(listen_address_parse(":65535", &address), 0);
	assert_int_equal(ntohs(in6->sin6_port), 65535);
	assert_true(address.any);
}

static void bad_ones(void **state)
{
	static const char *const bad[] = {
		"",
		"9464",
		":",
		":65536",
		":-1",
		": 1",
		"::1:9464",
		"[127.0.0.1]:1",
		"[]:1",
		"[::1]",
		"localhost:9464",
		"127.0.0.1",
		"127.0.0.1:",
		"127.0.0.1:http",
		"127.0.0.1:1:2",
		"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:1",
	};
	struct listen_address address;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (listen_address_parse(bad[i], &address) != -EINVAL)
			fail_msg("understood: %s", bad[i]);
	}
}

static void sockets_are_bound(void **state)
{
	struct listen_address address;
	int fd, port, other = -1, flag = 0;
	socklen_t size = sizeof(flag);

	(void)state;
	assert_int_equal(listen_address_parse("127.0.0.1:0", &address), 0);
	assert_int_equal(listen_socket_open(&address, &fd, &port), 0);
	assert_in_range(port, 1, 65535);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &flag, &size), 0);
	assert_int_equal(flag, 1);
	((struct sockaddr_in *)&address.address)->sin_port = htons((uint16_t)port);
	assert_int_equal(listen_socket_open(&address, &other, &port), -EADDRINUSE);
	assert_int_equal(other, -1);
	close(fd);
	/* TEST-NET-1: nobody has it */
	assert_int_equal(listen_address_parse("192.0.2.1:0", &address), 0);
	assert_int_equal(listen_socket_open(&address, &fd, &port), -EADDRNOTAVAIL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones),
		cmocka_unit_test(bad_ones),
		cmocka_unit_test(sockets_are_bound),
	};

	return cmocka_run_group_tests_name("listen_address", tests, NULL, NULL);
}
