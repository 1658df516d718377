/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The server that the demo is about: one thread, one epoll loop, pages that hold it up. */
#ifndef LOOPSCOPE_DEMO_SERVER_H
#define LOOPSCOPE_DEMO_SERVER_H

/* A listening socket on 127.0.0.1; port 0 takes a free one. -errno. */
int demo_listen(int port, int *ret_fd, int *ret_port);

/*
 * Serves until stop_fd is readable. Both descriptors stay the caller's.
 * Returns -errno only where the loop itself fails; *ret_served counts answers.
 */
int demo_serve(int listen_fd, int stop_fd, unsigned long *ret_served);

#endif
