/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A loop whose every iteration is held up. */
#ifndef LOOPSCOPE_BENCH_STALL_LOAD_H
#define LOOPSCOPE_BENCH_STALL_LOAD_H

/* Mean ns of `count` iterations, by the calling thread: each computes so many units, the same
 * every time, or sleeps for so many microseconds. */
double stall_measure_computing(unsigned long count, unsigned long units);
double stall_measure_sleeping(unsigned long count, unsigned long sleep_us);

#endif
