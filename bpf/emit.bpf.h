/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A loop's state as a window record in the ring: the one place that writes to it. */
#ifndef LOOPSCOPE_EMIT_BPF_H
#define LOOPSCOPE_EMIT_BPF_H

#include "kernel_fields.bpf.h"
#include "state.bpf.h"

/* The walk, which reads while the loop runs, tries so often before it asks the loop. */
#define WINDOW_TRIES 3

static __always_inline void window_copy_totals(struct loop_window *window, const struct loop *loop)
{
	window->id = loop->id;
	window->cgroup_id = loop->cgroup_id;
	__builtin_memcpy(window->thread, loop->thread, sizeof(window->thread));
	__builtin_memcpy(window->process, loop->process, sizeof(window->process));
	window->family = loop->call.family;
	window->flags = 0;
	window->first_seen_ns = loop->first_seen_ns;
	window->poll_ns = loop->poll_ns;
	__builtin_memcpy(window->cause_ns, loop->cause_ns, sizeof(window->cause_ns));
	window->iterations = loop->iterations;
	window->events = loop->events;
	window->stalls = loop->stalls;
	window->busy_square_sum = loop->busy_square_sum;
	window->wake_runqueue_ns = loop->wake_runqueue_ns;
	window->wake_quota_ns = loop->wake_quota_ns;
	window->busy_max_ns = loop_maximum(loop, HISTOGRAM_BUSY);
	window->poll_max_ns = loop_maximum(loop, HISTOGRAM_POLL);
	window->wake_max_ns = loop_maximum(loop, HISTOGRAM_WAKE);
	window->nr_syscalls = 0;
	window->nr_buckets = 0;
}

/*
 * Counts live in the record, not in registers: the verifier then sees one
 * state after each bucket, whether it was empty or not.
 */
static __always_inline __u32 window_copy_tables(void *record, const struct loop *loop)
{
	struct loop_window *window = record;
	__u32 at = sizeof(*window);

	for (__u32 i = 0; i < RECORD_NR_SYSCALLS; i++) {
		struct window_syscall *out = record + sizeof(*window);

		if (i >= loop->nr_syscalls)
			break;
		out[i] = loop->syscalls[i];
		window->nr_syscalls = i + 1;
	}
	for (__u32 h = 0; h < NR_LOOP_HISTOGRAMS; h++) {
		for (__u32 i = 0; i < HISTOGRAM_NR_BUCKETS; i++) {
			const struct loop_bucket *bucket = &loop->histograms[h][i];
			struct window_bucket *out;

			if (!bucket->count)
				continue;
			at = sizeof(*window) + window->nr_syscalls * sizeof(struct window_syscall) +
			     window->nr_buckets * sizeof(*out);
			if (at > WINDOW_MAX_SIZE - sizeof(*out))
				return 0;
			out = record + at;
			out->histogram = h;
			out->index = i;
			out->reserved = 0;
			out->count = bucket->count;
			out->sum = bucket->sum;
			window->nr_buckets++;
		}
	}
	return sizeof(*window) + window->nr_syscalls * sizeof(struct window_syscall) +
	       window->nr_buckets * sizeof(struct window_bucket);
}

/* Fills `record` from the loop; returns its size, 0 if that does not come out. */
static __always_inline __u32 window_fill(void *record, const struct loop *loop, __u64 now,
					 __u64 throttled_ns)
{
	struct loop_window *window = record;
	__u32 size = sizeof(*window);

	window_copy_totals(window, loop);
	loop_snapshot_open(loop, now, throttled_ns, window);
	if (loop->edges == loop->edges_sent)
		window->flags |= WINDOW_BUCKETS_UNCHANGED;
	else
		size = window_copy_tables(record, loop);
	return size;
}

/* `edges`: how many the record holds, so that the next one may leave them out. */
static __always_inline void window_output(void *record, struct loop *loop, __u32 kind, __u32 size,
					  __u64 edges)
{
	struct loop_window *window = record;
	__u64 wakeup = BPF_RB_NO_WAKEUP;

	if (size < sizeof(*window) || size > WINDOW_MAX_SIZE)
		return;
	window->header.kind = kind;
	window->header.reserved = 0;
	window->header.size = size;
	if (bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) >
	    bpf_ringbuf_query(&records, BPF_RB_RING_SIZE) / 2)
		wakeup = BPF_RB_FORCE_WAKEUP;
	if (bpf_ringbuf_output(&records, record, size, wakeup)) {
		count(COUNTER_RECORDS_LOST);
		return;
	}
	loop->sent_epoch = loop->epoch;
	loop->edges_sent = edges;
}

/* By the loop's own thread, whose state nobody else changes meanwhile. */
static __noinline int window_send_own(struct loop *loop, __u64 now, __u32 kind)
{
	__u32 key = SCRATCH_LOOP;
	void *record = bpf_map_lookup_elem(&scratch, &key);

	if (!record)
		return 0;
	loop->epoch++;
	window_output(record, loop, kind, window_fill(record, loop, now, 0), loop->edges);
	return 0;
}

/* Whether the walk had asked the loop; whoever takes it up sends the window. */
static __always_inline bool window_asked_take(struct loop *loop)
{
	if (!__sync_lock_test_and_set(&loop->asked, 0))
		return false;
	__sync_fetch_and_add(&windows_asked, -1);
	return true;
}

#endif
