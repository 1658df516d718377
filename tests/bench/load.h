/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What every load of loop_gen is made of. */
#ifndef LOOPSCOPE_BENCH_LOAD_H
#define LOOPSCOPE_BENCH_LOAD_H

#include <pthread.h>
#include <stdint.h>

#define NS_PER_SECOND 1000000000ULL

uint64_t now_ns(void);
pthread_t thread_start(void *(*run)(void *), void *argument);

/* ns each, in the fastest batch: what others do to this CPU only ever adds. */
double fastest_batch(unsigned long nr_batches, unsigned long count,
		     void (*run)(unsigned long count, void *context), void *context);

#endif
