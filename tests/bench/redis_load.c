/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps a Redis server saturated with GETs from one core.
 *
 *   redis_load PORT NR_CLIENTS      until it is killed
 *
 * redis-benchmark takes more CPU time for each request than the server does, so
 * on one core each it leaves the server partly idle. This sends fixed bytes,
 * one request at a time on each connection, and only counts those that return.
 */
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CLIENTS 1024

static const char set_request[] = "*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$3\r\nabc\r\n";
static const char set_reply[] = "+OK\r\n";
static const char get_request[] = "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n";
static const char get_reply[] = "$3\r\nabc\r\n";

struct client {
	int fd;
	size_t nr_missing; /* bytes of the reply still to come */
};

static int server_connect(unsigned short port)
{
	const struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int yes = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		err(1, "cannot connect to port %u", port);
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes)))
		err(1, "TCP_NODELAY");
	return fd;
}

static void server_set_key(int fd)
{
	char reply[sizeof(set_reply) - 1];
	ssize_t size = sizeof(set_request) - 1;

	if (write(fd, set_request, (size_t)size) != size)
		err(1, "cannot send SET");
	if (recv(fd, reply, sizeof(reply), MSG_WAITALL) != sizeof(reply) ||
	    memcmp(reply, set_reply, sizeof(reply)))
		errx(1, "SET was refused");
}

static void client_send(struct client *client)
{
	ssize_t size = sizeof(get_request) - 1;

	if (write(client->fd, get_request, (size_t)size) != size)
		err(1, "cannot send GET");
	client->nr_missing = sizeof(get_reply) - 1;
}

static void client_receive(struct client *client)
{
	char reply[64];
	ssize_t size = read(client->fd, reply, sizeof(reply));

	if (size <= 0)
		err(1, "the server ended the connection");
	if ((size_t)size > client->nr_missing)
		errx(1, "not the reply expected");
	client->nr_missing -= (size_t)size;
	if (!client->nr_missing)
		client_send(client);
}

static void __attribute__((noreturn)) clients_run(int epoll_fd)
{
	struct epoll_event events[MAX_CLIENTS];

	for (;;) {
		int nr_events = epoll_wait(epoll_fd, events, MAX_CLIENTS, -1);

		if (nr_events < 0 && errno != EINTR)
			err(1, "epoll_wait");
		for (int i = 0; i < nr_events; i++)
			client_receive(events[i].data.ptr);
	}
}

int main(int argc, char **argv)
{
	static struct client clients[MAX_CLIENTS];
	int port = argc == 3 ? atoi(argv[1]) : 0;
	int nr_clients = argc == 3 ? atoi(argv[2]) : 0;
	int epoll_fd = epoll_create1(EPOLL_CLOEXEC);

	if (port < 1 || port > 65535 || nr_clients < 1 || nr_clients > MAX_CLIENTS)
		errx(2, "usage: redis_load PORT NR_CLIENTS");
	if (epoll_fd < 0)
		err(1, "epoll_create1");
	for (int i = 0; i < nr_clients; i++) {
		struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};

		clients[i].fd = server_connect((unsigned short)port);
		if (!i)
			server_set_key(clients[i].fd);
		if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, clients[i].fd, &event))
			err(1, "epoll_ctl");
		client_send(&clients[i]);
	}
	clients_run(epoll_fd);
}
