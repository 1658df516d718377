/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The eventpolls that a process has descriptors of, as far as /proc and kcmp
 * tell: which descriptors are the same one, and which may have a loop at all.
 */
#ifndef LOOPSCOPE_EVENTPOLL_H
#define LOOPSCOPE_EVENTPOLL_H

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define EVENTPOLL_MAX 128

struct eventpolls {
	size_t nr;
	struct eventpoll_fd {
		int fd;
		size_t same_as; /* index of the first descriptor of the same eventpoll */
		bool claimed;   /* of that first one: has a loop already */
	} fds[EVENTPOLL_MAX];
};

/* Those of a thread's descriptor table; `directory` is its process's in /proc. -errno. */
int eventpolls_read(int directory, pid_t tid, struct eventpolls *ret_polls);

/* How many descriptors an eventpoll of the process watches: the kernel lists all, at a cost. */
__u64 eventpoll_nr_watched(int directory, int fd);

/* A thread waits on that descriptor. */
void eventpolls_claim(struct eventpolls *polls, int fd);

/*
 * How many eventpolls have no loop, when of those not claimed nr_busy have one
 * that is busy elsewhere. Left out are those shared with the parent process
 * (inherited over a fork), watched by another one (nested), or watching nothing
 * where there are others (libuv's default loop in Node).
 */
size_t eventpolls_without_loop(const struct eventpolls *polls, int directory, pid_t tid,
			       pid_t parent, size_t nr_busy);

#endif
