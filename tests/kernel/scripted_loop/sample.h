/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a thread can know of itself at an instant: the clock, its CPU time, how
 * long it was runnable without running, how often it slept and was preempted.
 * The difference of two samples is the truth of what lies between them.
 */
#ifndef SCRIPTED_LOOP_SAMPLE_H
#define SCRIPTED_LOOP_SAMPLE_H

#include <stdint.h>

struct sample {
	uint64_t mono_ns;
	uint64_t cpu_ns;
	uint64_t delay_ns; /* runnable, not running: run_delay of schedstat */
	uint64_t sleeps;   /* voluntary context switches */
	uint64_t preempted;
};

/* Opens the calling thread's schedstat; -1 where the kernel has none: delays then read 0. */
int sample_open(void);

/* The clock is read last, next to the CPU time, so that what follows begins there. */
void sample_before(int schedstat_fd, struct sample *ret_sample);

/* The clock is read first, next to the CPU time, so that what came before ends there. */
void sample_after(int schedstat_fd, struct sample *ret_sample);

/*
 * All at one instant: taken again if the thread was preempted while it was
 * taken, which is likely, for leaving a system call is where that happens.
 */
void sample_consistent(int schedstat_fd, struct sample *ret_sample);

uint64_t now_ns(void);

#endif
