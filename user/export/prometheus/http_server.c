/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libmicrohttpd on an sd_event loop: its epoll descriptor is one source, its next
 * timeout another. The library ends connections on which nothing moves; those that
 * move too slowly to ever come to an end are http_clients.c's.
 */
#include "export/prometheus/http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "export/prometheus/http_clients.h"
#include "export/prometheus/http_pages.h"
#include "export/prometheus/http_tls.h"
#include "export/prometheus/listen_socket.h"

#define MAX_CONNECTION_BYTES ((size_t)32 << 10)
#define IDLE_TIMEOUT_S 30U
#define US_PER_MS 1000ULL
#define TIMER_ACCURACY_US 1 /* a timeout of 0 says that there is work left */
#define TLS_PRIORITIES "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct http_server {
	sd_event *event;
	sd_event_source *io, *timer;
	struct MHD_Daemon *daemon;
	struct http_tls tls;
	struct http_pages pages;
	struct http_clients clients;
	int port;
	bool starting; /* what the library complains of is the error to return */
	char complaint[HTTP_SERVER_ERROR_LEN];
};

static uint64_t now_us(const struct http_server *server)
{
	uint64_t now = 0;

	sd_event_now(server->event, CLOCK_MONOTONIC, &now);
	return now;
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_server *server = context;

	if (code == MHD_CONNECTION_NOTIFY_STARTED)
		*socket_context = http_clients_add(&server->clients, connection, now_us(server));
	else
		http_clients_remove(&server->clients, *socket_context);
}

/* What is due next has its whole time: the request, the answer to it, the next request. */
static void restart_timeout(const struct http_server *server, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	struct http_client *client = info ? info->socket_context : NULL;

	if (client)
		client->since_us = now_us(server);
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
			 enum MHD_RequestTerminationCode code)
{
	(void)code;
	(void)request_context;
	restart_timeout(context, connection);
}

static bool has_body(struct MHD_Connection *connection)
{
	const char *length =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");

	return (length && strcmp(length, "0") != 0) ||
	       MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding");
}

/* Called with the head of a request, and again when it is complete. */
static enum MHD_Result on_request(void *context, struct MHD_Connection *connection,
				  const char *path, const char *method, const char *version,
				  const char *upload, size_t *upload_size, void **request_context)
{
	static char head_seen;
	struct http_server *server = context;

	(void)version;
	(void)upload;
	if (*request_context) {
		*upload_size = 0;
		return http_pages_answer(&server->pages, connection, method, path);
	}
	*request_context = &head_seen;
	restart_timeout(server, connection);
	return has_body(connection) ? http_pages_refuse_body(connection, method) : MHD_YES;
}

/* No page's path has an escape: with one, even of NUL, it is another path. */
static size_t leave_escapes(void *context, struct MHD_Connection *connection, char *text)
{
	(void)context;
	(void)connection;
	return strlen(text);
}

static void on_complaint(void *context, const char *format, va_list arguments)
{
	struct http_server *server = context;

	/* of clients, later: they are told, and it would let them fill a log */
	if (server->starting)
		vsnprintf(server->complaint, sizeof(server->complaint), format, arguments);
}

/* Lets the library work, and sees that it is called again when it wants to be. */
static int serve(struct http_server *server)
{
	uint64_t due = http_clients_cut_overdue(&server->clients, now_us(server));
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	server->clients.room_again = false;
	MHD_run(server->daemon);
	if (server->clients.room_again)
		due = now_us(server);
	if (MHD_get_timeout(server->daemon, &timeout_ms) == MHD_YES) {
		uint64_t wanted = now_us(server) + timeout_ms * US_PER_MS;

		due = wanted < due ? wanted : due;
	}
	if (due == UINT64_MAX)
		return sd_event_source_set_enabled(server->timer, SD_EVENT_OFF);
	sd_event_source_set_time(server->timer, due);
	return sd_event_source_set_enabled(server->timer, SD_EVENT_ONESHOT);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *context)
{
	(void)source;
	(void)fd;
	(void)events;
	return serve(context);
}

static int on_timer(sd_event_source *source, uint64_t due_us, void *context)
{
	(void)source;
	(void)due_us;
	return serve(context);
}

static int attach(struct http_server *server)
{
	const union MHD_DaemonInfo *info =
		MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	int err;

	if (!info)
		return -EOPNOTSUPP;
	err = sd_event_add_io(server->event, &server->io, info->epoll_fd, EPOLLIN, on_io, server);
	if (err >= 0)
		err = sd_event_add_time(server->event, &server->timer, CLOCK_MONOTONIC, 0,
					TIMER_ACCURACY_US, on_timer, server);
	return err < 0 ? err : 0;
}

static int start(struct http_server *server, int listen_fd)
{
	const struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, server->tls.certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, server->tls.key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0, TLS_PRIORITIES},
		{MHD_OPTION_END, 0, NULL},
	};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
	unsigned int flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;

	if (server->tls.certificate)
		flags |= MHD_USE_TLS;
	server->starting = true;
	/* the logger first, so that the library complains of what follows to it */
	server->daemon = MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_complaint,
		server, MHD_OPTION_LISTEN_SOCKET, listen_fd, MHD_OPTION_CONNECTION_LIMIT,
		HTTP_MAX_CLIENTS, MHD_OPTION_CONNECTION_MEMORY_LIMIT, MAX_CONNECTION_BYTES,
		MHD_OPTION_CONNECTION_TIMEOUT, IDLE_TIMEOUT_S, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
		MHD_OPTION_UNESCAPE_CALLBACK, leave_escapes, server, MHD_OPTION_ARRAY,
		server->tls.certificate ? tls : none, MHD_OPTION_END);
	server->starting = false;
	return server->daemon ? 0 : -EINVAL;
}

static void describe_listen_error(const char *listen, int err, char error[HTTP_SERVER_ERROR_LEN])
{
	const char *what = strerror(-err);

	switch (err) {
	case -EADDRINUSE:
		what = "the address is in use; stop what listens there, or choose another port";
		break;
	case -EADDRNOTAVAIL:
		what = "this machine does not have the address";
		break;
	case -EACCES:
		what = "not allowed; ports below 1024 need CAP_NET_BIND_SERVICE";
		break;
	case -EINVAL:
		what = "not an address and port like 127.0.0.1:9464, [::1]:9464 or :9464";
		break;
	default:
		break;
	}
	snprintf(error, HTTP_SERVER_ERROR_LEN, "%s: %s", listen, what);
}

/* The library's complaints end in a newline. */
static void describe_start_error(const struct http_server *server, char *error)
{
	int length = (int)strcspn(server->complaint, "\n");

	if (server->tls.certificate)
		snprintf(error, HTTP_SERVER_ERROR_LEN,
			 "the certificate %s and the key %s cannot be used: %.*s",
			 server->pages.settings->certificate_file, server->pages.settings->key_file,
			 length, server->complaint);
	else
		snprintf(error, HTTP_SERVER_ERROR_LEN, "the HTTP server did not start: %.*s",
			 length, server->complaint);
}

/* The listening socket is the daemon's once it has started. */
static int listen_and_start(struct http_server *server, char error[HTTP_SERVER_ERROR_LEN])
{
	const char *listen = server->pages.settings->listen;
	_cleanup_(closep) int fd = -1;
	struct listen_address address;
	int err = listen_address_parse(listen, &address);

	if (!err)
		err = listen_socket_open(&address, &fd, &server->port);
	if (err) {
		describe_listen_error(listen, err, error);
		return err;
	}
	err = start(server, fd);
	if (err) {
		describe_start_error(server, error);
		return err;
	}
	TAKE_FD(fd);
	err = attach(server);
	if (err)
		snprintf(error, HTTP_SERVER_ERROR_LEN, "%s: %s", listen, strerror(-err));
	return err;
}

DEFINE_CLEANUP(struct http_server *, http_server_free)

int http_server_new(sd_event *event, const struct prometheus_settings *settings,
		    const struct http_server_callbacks *callbacks, struct http_server **ret_server,
		    char error[HTTP_SERVER_ERROR_LEN])
{
	_cleanup_(http_server_freep) struct http_server *server = calloc(1, sizeof(*server));
	int err;

	if (!server) {
		snprintf(error, HTTP_SERVER_ERROR_LEN, "%s", strerror(ENOMEM));
		return -ENOMEM;
	}
	server->event = sd_event_ref(event);
	server->clients.timeout_us = HTTP_CLIENT_TIMEOUT_US;
	server->pages.settings = settings;
	server->pages.callbacks = *callbacks;
	err = http_tls_load(settings, &server->tls, error);
	if (!err)
		err = listen_and_start(server, error);
	if (err)
		return err;
	*ret_server = TAKE_PTR(server);
	return 0;
}

void http_server_free(struct http_server *server)
{
	if (!server)
		return;
	sd_event_source_disable_unref(server->io);
	sd_event_source_disable_unref(server->timer);
	if (server->daemon)
		MHD_stop_daemon(server->daemon);
	http_tls_done(&server->tls);
	sd_event_unref(server->event);
	free(server);
}

void http_server_use(struct http_server *server, const struct prometheus_settings *settings)
{
	server->pages.settings = settings;
}

void http_server_set_request_timeout(struct http_server *server, __u64 timeout_us)
{
	server->clients.timeout_us = timeout_us;
}

int http_server_port(const struct http_server *server)
{
	return server->port;
}

__u64 http_server_scrapes(const struct http_server *server)
{
	return server->pages.scrapes;
}
