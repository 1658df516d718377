/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Keeps samples: only the buckets in use, and one copy of them for as long as
 * they do not change, so that an idle loop costs little.
 */
#include "model/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void tail_put(struct sample_tail *tail)
{
	if (tail && --tail->nr_references == 0)
		free(tail);
}

/* The tail that the record brings, in place of the sample's own if that has the room. */
static int tail_take(struct sample *sample, const struct decoded_window *decoded)
{
	const struct loop_window *window = &decoded->window;
	struct sample_tail *tail = sample->tail;

	if (window->flags & WINDOW_BUCKETS_UNCHANGED)
		return 0;
	if (!tail || tail->nr_references > 1 || tail->nr_syscalls != window->nr_syscalls ||
	    tail->nr_buckets != window->nr_buckets) {
		tail = malloc(sizeof(*tail) + decoded->tail_bytes);
		if (!tail)
			return -ENOMEM;
		tail_put(sample->tail);
		tail->nr_references = 1;
		tail->nr_syscalls = window->nr_syscalls;
		tail->nr_buckets = window->nr_buckets;
		sample->tail = tail;
	}
	memcpy(tail->syscalls, decoded->tail, decoded->tail_bytes);
	return 0;
}

/*
 * Lifts each of `values` to what it was before, if below, and takes as much,
 * and `excess`, off those that grew. Returns what could not be taken off.
 */
static __u64 settle(__u64 *values, const __u64 *before, int nr, __u64 excess)
{
	for (int i = 0; i < nr; i++) {
		if (values[i] < before[i]) {
			excess += before[i] - values[i];
			values[i] = before[i];
		}
	}
	for (int i = 0; i < nr && excess; i++) {
		__u64 gain = values[i] - before[i];
		__u64 taken = gain < excess ? gain : excess;

		values[i] -= taken;
		excess -= taken;
	}
	return excess;
}

static void settle_time(struct loop_window *window, const struct loop_window *before)
{
	__u64 time[1 + NR_CAUSES] = {window->poll_ns};
	__u64 time_before[1 + NR_CAUSES] = {before->poll_ns};
	__u64 excess;

	memcpy(time + 1, window->cause_ns, sizeof(window->cause_ns));
	memcpy(time_before + 1, before->cause_ns, sizeof(before->cause_ns));
	/* a wait for a CPU is split by an estimate while it lasts: those two settle it first */
	_Static_assert(CAUSE_CPU_QUOTA == CAUSE_RUNQUEUE + 1, "settled as a pair");
	excess = settle(time + 1 + CAUSE_RUNQUEUE, time_before + 1 + CAUSE_RUNQUEUE, 2, 0);
	settle(time, time_before, 1 + NR_CAUSES, excess);
	window->poll_ns = time[0];
	memcpy(window->cause_ns, time + 1, sizeof(window->cause_ns));
}

static void settle_wake(struct loop_window *window, const struct loop_window *before)
{
	__u64 wake[] = {window->wake_runqueue_ns, window->wake_quota_ns};
	const __u64 wake_before[] = {before->wake_runqueue_ns, before->wake_quota_ns};

	settle(wake, wake_before, 2, 0);
	window->wake_runqueue_ns = wake[0];
	window->wake_quota_ns = wake[1];
}

/* What the causes have beyond the sleeps that have ended. */
static __u64 asleep_now(const struct sample *sample)
{
	const __u64 *cause_ns = sample->window.cause_ns;
	__u64 all = cause_ns[CAUSE_SYSCALL] + cause_ns[CAUSE_LOCK];
	__u64 ended = 0;

	for (unsigned int i = 0; sample->tail && i < sample->tail->nr_syscalls; i++)
		ended += sample->tail->syscalls[i].time_ns;
	return all > ended ? all - ended : 0;
}

int sample_update(struct sample *sample, const struct decoded_window *decoded)
{
	const struct loop_window before = sample->window;
	int err = tail_take(sample, decoded);

	if (err)
		return err;
	sample->window = decoded->window;
	settle_time(&sample->window, &before);
	settle_wake(&sample->window, &before);
	sample->asleep_ns = asleep_now(sample);
	return 0;
}

void sample_copy(struct sample *to, const struct sample *from)
{
	*to = *from;
	if (to->tail)
		to->tail->nr_references++;
}

void sample_clear(struct sample *sample)
{
	tail_put(sample->tail);
	*sample = (struct sample){0};
}
