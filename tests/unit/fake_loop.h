/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop as the kernel side would tell of it: driven by hand, it keeps the
 * totals of record.h and writes the record. It has a clock of its own.
 */
#ifndef LOOPSCOPE_TESTS_FAKE_LOOP_H
#define LOOPSCOPE_TESTS_FAKE_LOOP_H

#include <stddef.h>

#include "record.h"

#define FAKE_LOOP_BLOCKING_NS 50000000ULL

struct fake_loop {
	struct loop_window window; /* header.time_ns is now */
	struct {
		__u64 count[HISTOGRAM_NR_BUCKETS];
		__u64 sum[HISTOGRAM_NR_BUCKETS];
	} histograms[NR_LOOP_HISTOGRAMS];
	struct window_syscall syscalls[RECORD_NR_SYSCALLS];
	__u64 asleep_ns; /* of a sleep not over */
};

/* First seen at `now` as it enters its wait call. */
void fake_loop_start(struct fake_loop *loop, __u32 tid, __u64 now);

/* Time passes: in poll, or else on CPU. */
void fake_loop_pass(struct fake_loop *loop, __u64 ns);

/* Within a busy interval: time that goes to a cause. */
void fake_loop_spend(struct fake_loop *loop, enum cause cause, __u64 ns);

/* Likewise, asleep in a system call; fake_loop_doze leaves the sleep open. */
void fake_loop_doze(struct fake_loop *loop, int nr, enum cause cause, __u64 ns);
void fake_loop_sleep(struct fake_loop *loop, int nr, enum cause cause, __u64 ns);

/* The wait call returns, after a wake delay (0: it did not sleep), with so many events. */
void fake_loop_return(struct fake_loop *loop, __u64 wake_ns, __u64 events);
void fake_loop_enter(struct fake_loop *loop);

/*
 * Writes the record of this instant to `buffer`, WINDOW_MAX_SIZE bytes at any
 * alignment; the maxima then start anew. Returns its size.
 */
size_t fake_loop_record(struct fake_loop *loop, enum record_kind kind, void *buffer);

/* Likewise, without syscalls and buckets. */
size_t fake_loop_record_unchanged(struct fake_loop *loop, void *buffer);

#endif
