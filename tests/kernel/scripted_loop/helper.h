/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A thread beside each loop that does one thing for it, later: ends its wait,
 * its futex, its page fault, its read. It is asked through a pipe, so that
 * asking never blocks the loop.
 */
#ifndef SCRIPTED_LOOP_HELPER_H
#define SCRIPTED_LOOP_HELPER_H

#include <stdint.h>
#include <sys/types.h>

enum errand_kind {
	ERRAND_EVENTFD, /* add 1 to fd */
	ERRAND_PIPE,    /* write a byte to fd */
	ERRAND_SIGNAL,  /* SIGUSR1 to thread tid */
	ERRAND_FUTEX,   /* set *word to 1, wake who waits there */
	ERRAND_PAGE,    /* supply the page at address, through the userfaultfd fd */
};

struct errand {
	enum errand_kind kind;
	int fd;
	uint64_t due_ns;
	void *address;
	uint64_t *fired_ns; /* [2]: just before and just after; NULL: not wanted */
};

struct helper {
	int request_fd;
	pid_t tid; /* of the thread it works for */
};

/* Starts a helper for the calling thread; -errno. It lives as long as the process. */
int helper_start(struct helper *ret_helper);

void helper_ask(const struct helper *helper, const struct errand *errand);

#endif
