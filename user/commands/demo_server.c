/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The loop: wait, then give each connection that is ready one turn, which
 * answers at most one request. A client that sends many requests at once is
 * thus not served ahead of others; a page that takes long still holds them all
 * up, which is what the demo is to show.
 */
#include "commands/demo_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "commands/demo_http.h"
#include "commands/demo_work.h"

#define MAX_CONNECTIONS 256
#define MAX_EVENTS 64
#define MAX_RESPONSE 1024
#define BACKLOG 128

struct connection {
	uint64_t serial;    /* by which events name it: a descriptor is soon another one's */
	uint64_t last_turn; /* counts turns of all */
	int fd;
	uint32_t events;      /* asked of epoll */
	bool ended;           /* the client sends no more */
	bool closing;         /* what it sends is thrown away */
	bool shut;            /* we send no more */
	size_t body_bytes;    /* of the last request, still to be skipped */
	size_t nr_in, nr_out; /* filled */
	size_t out_sent;
	char in[HTTP_MAX_HEAD];
	char out[MAX_RESPONSE];
};

struct server {
	int epoll_fd, listen_fd;
	uint64_t last_serial;
	uint64_t turns;
	unsigned long served;
	size_t nr_connections;
	struct connection *connections[MAX_CONNECTIONS];
};

/* What events that are no connection's are named by. */
enum {
	SERIAL_LISTEN,
	SERIAL_STOP,
	SERIAL_LAST_RESERVED = SERIAL_STOP,
};

int demo_listen(int port, int *ret_fd, int *ret_port)
{
	_cleanup_(closep) int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t size = sizeof(address);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int)) ||
	    bind(fd, (struct sockaddr *)&address, size) || listen(fd, BACKLOG) ||
	    getsockname(fd, (struct sockaddr *)&address, &size))
		return -errno;
	*ret_port = ntohs(address.sin_port);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static int watch(struct server *server, int operation, int fd, uint32_t events, uint64_t serial)
{
	struct epoll_event event = {.events = events, .data.u64 = serial};

	return epoll_ctl(server->epoll_fd, operation, fd, &event) ? -errno : 0;
}

static void close_connection(struct server *server, size_t index)
{
	struct connection *connection = server->connections[index];

	server->connections[index] = server->connections[--server->nr_connections];
	close(connection->fd);
	free(connection);
}

/* Junk that only holds connections open makes room for whoever comes. */
static void close_least_active(struct server *server)
{
	size_t least = 0;

	for (size_t i = 1; i < server->nr_connections; i++) {
		if (server->connections[i]->last_turn < server->connections[least]->last_turn)
			least = i;
	}
	close_connection(server, least);
}

/* Takes the descriptor; without memory the client is turned away. */
static void add_connection(struct server *server, int fd)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection) {
		close(fd);
		return;
	}
	connection->fd = fd;
	connection->serial = ++server->last_serial;
	connection->last_turn = ++server->turns;
	connection->events = EPOLLIN;
	server->connections[server->nr_connections++] = connection;
	if (watch(server, EPOLL_CTL_ADD, fd, EPOLLIN, connection->serial))
		close_connection(server, server->nr_connections - 1);
}

static int accept_connection(struct server *server)
{
	int fd;

	if (server->nr_connections == MAX_CONNECTIONS)
		close_least_active(server);
	fd = accept4(server->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd >= 0) {
		add_connection(server, fd);
	} else if (errno == EMFILE || errno == ENFILE) {
		if (!server->nr_connections)
			return -errno;
		close_least_active(server);
	}
	return 0;
}

static void consume(struct connection *connection, size_t size)
{
	connection->nr_in -= size;
	memmove(connection->in, connection->in + size, connection->nr_in);
}

/* False if the connection is broken. */
static bool receive(struct connection *connection)
{
	size_t room = sizeof(connection->in) - connection->nr_in, skip;
	ssize_t n;

	if (!room || connection->ended)
		return true;
	n = recv(connection->fd, connection->in + connection->nr_in, room, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	connection->ended = n == 0;
	connection->nr_in += n;
	skip = connection->closing ? connection->nr_in : connection->body_bytes;
	if (skip > connection->nr_in)
		skip = connection->nr_in;
	consume(connection, skip);
	if (!connection->closing)
		connection->body_bytes -= skip;
	return true;
}

/* The length of a request that waits and may be answered now, or 0. */
static size_t next_request(const struct connection *connection, struct http_request *ret_request)
{
	if (connection->closing || connection->nr_out || connection->body_bytes)
		return 0;
	return http_parse_request(connection->in, connection->nr_in, ret_request);
}

static void answer(struct server *server, struct connection *connection)
{
	const struct demo_page *page = NULL;
	struct http_request request;
	size_t length = next_request(connection, &request), skip;

	if (!length)
		return;
	consume(connection, length);
	skip = request.body_bytes < connection->nr_in ? request.body_bytes : connection->nr_in;
	consume(connection, skip);
	connection->body_bytes = request.body_bytes - skip;
	if (request.status == 200) {
		page = demo_page_find(request.path);
		if (page)
			page->work();
		else
			request.status = 404;
	}
	connection->nr_out = http_format_response(connection->out, sizeof(connection->out),
						  &request, page ? page->text : NULL);
	connection->closing = !request.keep_alive;
	server->served++;
}

/* False if the connection is broken. */
static bool transmit(struct connection *connection)
{
	while (connection->out_sent < connection->nr_out) {
		ssize_t n = send(connection->fd, connection->out + connection->out_sent,
				 connection->nr_out - connection->out_sent, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN || errno == EINTR;
		connection->out_sent += n;
	}
	connection->nr_out = connection->out_sent = 0;
	/* what it still sends is read first: closing at once would destroy the answer on its way */
	if (connection->closing && !connection->shut)
		connection->shut = !shutdown(connection->fd, SHUT_WR);
	return true;
}

static uint32_t events_wanted(const struct connection *connection)
{
	struct http_request request;
	uint32_t events = 0;

	if (!connection->ended && connection->nr_in < sizeof(connection->in))
		events |= EPOLLIN;
	if (connection->nr_out || next_request(connection, &request))
		events |= EPOLLOUT;
	return events;
}

static bool connection_turn(struct server *server, struct connection *connection, uint32_t ready)
{
	uint32_t events;

	if ((ready & (EPOLLERR | EPOLLHUP)) || !receive(connection))
		return false;
	answer(server, connection);
	if (!transmit(connection))
		return false;
	events = events_wanted(connection);
	if (!events)
		return false;
	if (events != connection->events &&
	    watch(server, EPOLL_CTL_MOD, connection->fd, events, connection->serial))
		return false;
	connection->events = events;
	return true;
}

static int dispatch(struct server *server, const struct epoll_event *event)
{
	if (event->data.u64 == SERIAL_LISTEN)
		return accept_connection(server);
	for (size_t i = 0; i < server->nr_connections; i++) {
		struct connection *connection = server->connections[i];

		if (connection->serial != event->data.u64)
			continue;
		connection->last_turn = ++server->turns;
		if (!connection_turn(server, connection, event->events))
			close_connection(server, i);
		break;
	}
	return 0;
}

static int run(struct server *server)
{
	struct epoll_event events[MAX_EVENTS];

	while (!demo_stopping()) {
		int nr = epoll_wait(server->epoll_fd, events, MAX_EVENTS, -1);

		if (nr < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < nr && !demo_stopping(); i++) {
			int err = dispatch(server, &events[i]);

			if (err < 0)
				return err;
		}
	}
	return 0;
}

int demo_serve(int listen_fd, int stop_fd, unsigned long *ret_served)
{
	_cleanup_(closep) int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	struct server server = {
		.epoll_fd = epoll_fd,
		.listen_fd = listen_fd,
		.last_serial = SERIAL_LAST_RESERVED,
	};
	int err;

	if (epoll_fd < 0)
		return -errno;
	err = watch(&server, EPOLL_CTL_ADD, listen_fd, EPOLLIN, SERIAL_LISTEN);
	if (!err)
		err = watch(&server, EPOLL_CTL_ADD, stop_fd, EPOLLIN, SERIAL_STOP);
	if (!err)
		err = run(&server);
	while (server.nr_connections)
		close_connection(&server, 0);
	*ret_served = server.served;
	return err;
}
