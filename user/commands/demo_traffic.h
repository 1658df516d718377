/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The demo server's visitors: a process of its own, so that the server's
 * process has one thread and one loop, with blocking sockets, so that there is
 * no other loop in the picture.
 */
#ifndef LOOPSCOPE_DEMO_TRAFFIC_H
#define LOOPSCOPE_DEMO_TRAFFIC_H

#include <sys/types.h>

/* Forks. The process ends with its parent, however that ends. -errno. */
int demo_traffic_start(int port, pid_t *ret_pid);
void demo_traffic_stop(pid_t pid);

#endif
