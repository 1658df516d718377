/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Children that do what a loop does, stuck or not, and a look at those of them that are unseen. */
#ifndef LOOPSCOPE_TESTS_UNSEEN_FIXTURE_H
#define LOOPSCOPE_TESTS_UNSEEN_FIXTURE_H

#include <sys/types.h>

#include "identity/identity.h"

#define MAX_THREADS 4

struct child {
	pid_t pid;
	pid_t thread; /* its second thread, if it says so */
};

/* Runs until the test ends it; `body` is to tell when it is ready. */
struct child start_child(void (*body)(int ready));
void stop_child(const struct child *child);
void tell(int ready, pid_t thread);

void pause_briefly(void);
void sleep_long(void);

/* An eventpoll that watches something, as a loop's does. */
int new_eventpoll(void);

/* Looks until there are so many, the first of them blocked in that call (-1: none). */
void await_unseen(const struct child *child, int nr_expected, int syscall_nr,
		  struct unseen_thread *threads);

#endif
