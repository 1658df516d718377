/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A sample: the cumulative state of one loop as one record told it. A report
 * is the difference of two. All zero is the sample of a loop not yet seen.
 */
#ifndef LOOPSCOPE_MODEL_SAMPLE_H
#define LOOPSCOPE_MODEL_SAMPLE_H

#include "decode.h"
#include "report.h"

/* Syscalls and buckets of a record; shared by the samples that they did not change between. */
struct sample_tail {
	unsigned int nr_references;
	unsigned int nr_syscalls;
	unsigned int nr_buckets;
	struct window_syscall syscalls[]; /* the buckets follow them */
};

struct sample {
	struct loop_window window; /* header.kind, .size and the counts are not kept up */
	struct sample_tail *tail;  /* NULL: neither syscalls nor buckets */
	__u64 asleep_ns; /* so far, in window.syscall_nr: a sleep is in the tail when it ends */
};

/*
 * Replaces the sample by a later one of the same loop. No time runs backwards:
 * what the kernel took from one cause to give it to another, once it knew
 * better, comes off that other's gain. -ENOMEM: unchanged.
 */
int sample_update(struct sample *sample, const struct decoded_window *decoded);

/* `to` shares what `from` has; it must be clear. */
void sample_copy(struct sample *to, const struct sample *from);
void sample_clear(struct sample *sample);

/* The longest that ended within a window, ns. */
struct sample_maxima {
	__u64 busy_ns;
	__u64 poll_ns;
	__u64 wake_ns;
};

/* Whether the open busy interval counts among those of the window, at its length so far. */
enum report_open { REPORT_OPEN_INCLUDED, REPORT_OPEN_LEFT_OUT };

/* What happened to a loop from `since` to `now`. */
void sample_report(const struct sample *since, const struct sample *now,
		   const struct sample_maxima *maxima, enum report_open open,
		   struct loop_report *ret_report);

/*
 * The system calls slept in from `since` to `now`, most time first, and what
 * found no place as RECORD_SYSCALL_OTHER at the end. Their times sum to
 * total_ns. Returns how many.
 */
unsigned int sample_syscalls(const struct sample *since, const struct sample *now, __u64 total_ns,
			     struct window_syscall ret_syscalls[REPORT_NR_SYSCALLS]);

#endif
