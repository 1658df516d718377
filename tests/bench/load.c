/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Clock, threads and batches: what every load is made of. */
#include "load.h"

#include <err.h>
#include <string.h>
#include <time.h>

#define STACK_BYTES (64 * 1024)

uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * NS_PER_SECOND + (uint64_t)now.tv_nsec;
}

pthread_t thread_start(void *(*run)(void *), void *argument)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int ret;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	ret = pthread_create(&thread, &attributes, run, argument);
	if (ret)
		errx(1, "cannot start a thread: %s", strerror(ret));
	pthread_attr_destroy(&attributes);
	return thread;
}

double fastest_batch(unsigned long nr_batches, unsigned long count,
		     void (*run)(unsigned long count, void *context), void *context)
{
	uint64_t fastest_ns = UINT64_MAX;

	for (unsigned long batch = 0; batch < nr_batches; batch++) {
		uint64_t start_ns = now_ns();
		uint64_t took_ns;

		run(count, context);
		took_ns = now_ns() - start_ns;
		if (took_ns < fastest_ns)
			fastest_ns = took_ns;
	}
	return (double)fastest_ns / (double)count;
}
