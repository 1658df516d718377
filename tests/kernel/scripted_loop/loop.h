/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One loop: an epoll instance, the thread that waits on it, the script it
 * follows and the log of what it did. A loop owns exactly one eventpoll.
 */
#ifndef SCRIPTED_LOOP_LOOP_H
#define SCRIPTED_LOOP_LOOP_H

#include <stdatomic.h>
#include <sys/epoll.h>

#include "helper.h"
#include "log.h"
#include "script.h"

#define LOOP_MAX_READY 64

/* What a plain wait is made by; what is asked for first holds from the wait for go on. */
enum wait_variant {
	VARIANT_WAIT,
	VARIANT_PWAIT,
	VARIANT_PWAIT2,
	VARIANT_POLL, /* from here on: for the eventpoll, which is then asked what came */
	VARIANT_PPOLL,
	VARIANT_SELECT,
	VARIANT_PSELECT6,
};

struct loop {
	const struct script *script;
	pid_t tid;
	int epfd;
	int control_fd; /* eventfd: go */
	int timer_fd;
	int wake_fd;
	int ready_fds[LOOP_MAX_READY];
	int pipe_fds[2];
	int uffd;
	int file_fd;
	int schedstat_fd;
	unsigned int variant; /* enum wait_variant of plain waits */
	struct helper helper;
	struct log log;
	atomic_bool waits_for_go;
	atomic_bool rests; /* in its last wait, or about to enter it, or ended */
	/* What plain waits wait into: below every stack, unlike libuv's. */
	struct epoll_event events[LOOP_MAX_READY];
};

/* Opens everything, for the calling thread; -errno. `loop` is zeroed, `script` set. */
int loop_open(struct loop *loop);

/*
 * Waits for go unless `started`, follows the script, and rests in a wait until
 * the process ends.
 */
void loop_run(struct loop *loop, bool started);

/* waits.c: one step of wait calls. */
void wait_step(struct loop *loop, const struct step *step);
/* A wait for the control eventfd. */
void wait_for_go(struct loop *loop);
void wait_at_rest(struct loop *loop);

/* The handler of the signal that the step eintr is interrupted by. */
void wait_interrupted(int signal);

/* callbacks.c: one step between two waits. */
void callback_step(struct loop *loop, const struct step *step);

void spin_us(unsigned int us);

/* Ends the process: what the program cannot do without has failed. */
_Noreturn void give_up(const char *what);

#endif
