/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Loads of threads that are no loops. */
#ifndef LOOPSCOPE_BENCH_CLIENT_LOAD_H
#define LOOPSCOPE_BENCH_CLIENT_LOAD_H

enum client_load {
	CLIENT_POLL,   /* poll() of one descriptor that is ready */
	CLIENT_ANSWER, /* of one that becomes ready while it sleeps */
	CLIENT_FUTEX,  /* two threads wake each other in turn */
};

/* ns each, in the fastest batch. In threads of its own: the caller may be a loop. */
double client_measure(enum client_load load, unsigned long nr_batches, unsigned long count);

#endif
