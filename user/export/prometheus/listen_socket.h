/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The socket that the HTTP server listens on. */
#ifndef LOOPSCOPE_LISTEN_SOCKET_H
#define LOOPSCOPE_LISTEN_SOCKET_H

#include "config/listen_address.h"

/* A socket that listens, and its port; it does not block. -EADDRINUSE, or another errno. */
int listen_socket_open(const struct listen_address *address, int *ret_fd, int *ret_port);

#endif
