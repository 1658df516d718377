/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop's state as a window record, and the one place that writes to the
 * ring. Global functions: the verifier takes each by itself, once a program,
 * whatever the caller's state, so that hundreds of buckets stay cheap to load.
 *
 * Kernel floor: 5.15.
 */
#include "place.bpf.h"

static __always_inline void window_copy_totals(struct loop_window *window, const struct loop *loop)
{
	window->id = loop->id;
	window->process_start_ns = loop->process_start_ns;
	window->cgroup_id = loop->cgroup_id;
	__builtin_memcpy(window->thread, loop->thread, sizeof(window->thread));
	__builtin_memcpy(window->process, loop->process, sizeof(window->process));
	window->family = loop->call.family;
	window->flags = loop->parks ? WINDOW_PARKS : 0;
	window->first_seen_ns = loop->first_seen_ns;
	window->poll_ns = loop->poll_ns;
	__builtin_memcpy(window->cause_ns, loop->cause_ns, sizeof(window->cause_ns));
	window->iterations = loop->iterations;
	window->events = loop->events;
	__builtin_memcpy(window->stalls, loop->stalls, sizeof(window->stalls));
	window->blocking_ns = loop->blocking_ns;
	window->busy_square_sum = loop->busy_square_sum;
	window->wake_runqueue_ns = loop->wake_runqueue_ns;
	window->wake_quota_ns = loop->wake_quota_ns;
	window->busy_max_ns = loop_maximum(loop, HISTOGRAM_BUSY);
	window->poll_max_ns = loop_maximum(loop, HISTOGRAM_POLL);
	window->wake_max_ns = loop_maximum(loop, HISTOGRAM_WAKE);
	window->nr_syscalls = 0;
	window->nr_buckets = 0;
}

/* The next bucket record; false if there is no room, which there always is. */
__noinline int window_add_bucket(struct window_buffer *buffer, const struct loop_bucket *bucket,
				 __u32 histogram, __u32 index)
{
	struct loop_window *window = (void *)buffer;
	struct window_bucket *out;
	__u32 at;

	if (!buffer || !bucket)
		return 0;
	at = sizeof(*window) + window->nr_syscalls * sizeof(struct window_syscall) +
	     window->nr_buckets * sizeof(*out);
	if (at > WINDOW_MAX_SIZE - sizeof(*out))
		return 0;
	out = (void *)buffer + at;
	out->histogram = histogram;
	out->index = index;
	out->reserved = 0;
	out->count = bucket->count;
	out->sum = bucket->sum;
	window->nr_buckets++;
	return 1;
}

/* The tables after the totals. Returns the size of the whole. */
static __always_inline int window_copy_tables(struct window_buffer *buffer, const struct loop *loop)
{
	struct loop_window *window = (void *)buffer;
	struct window_syscall *syscalls = (void *)(window + 1);
	__u32 nr_syscalls = loop->nr_syscalls;

	for (__u32 i = 0; i < RECORD_NR_SYSCALLS; i++) {
		if (i >= nr_syscalls)
			break;
		syscalls[i] = loop->syscalls[i];
		window->nr_syscalls = i + 1;
	}
	for (__u32 h = 0; h < NR_LOOP_HISTOGRAMS; h++)
		for (__u32 i = 0; i < HISTOGRAM_NR_BUCKETS; i++)
			if (loop->histograms[h][i].count)
				window_add_bucket(buffer, &loop->histograms[h][i], h, i);
	return sizeof(*window) + window->nr_syscalls * sizeof(struct window_syscall) +
	       window->nr_buckets * sizeof(struct window_bucket);
}

__noinline int window_fill(struct window_buffer *buffer, const struct loop *loop, __u64 now,
			   __u64 throttled_ns)
{
	struct loop_window *window = (void *)buffer;

	if (!buffer || !loop)
		return 0;
	window_copy_totals(window, loop);
	loop_snapshot_open(loop, now, throttled_ns, window);
	if (loop->edges != loop->edges_sent)
		return window_copy_tables(buffer, loop);
	window->flags |= WINDOW_BUCKETS_UNCHANGED;
	return sizeof(*window);
}

__noinline int window_output(struct window_buffer *buffer, struct loop *loop, __u32 kind,
			     __u32 size, __u64 edges)
{
	struct loop_window *window = (void *)buffer;
	__u64 wakeup = BPF_RB_NO_WAKEUP;

	if (!buffer || !loop || size < sizeof(*window))
		return 0;
	/* two comparisons: merged into one of a difference, 6.12 and before see no bound */
	barrier_var(size);
	if (size > WINDOW_MAX_SIZE)
		return 0;
	window->header.kind = kind;
	window->header.reserved = 0;
	window->header.size = size;
	if ((scope.announce && !loop->sent_epoch) ||
	    bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) >
		    bpf_ringbuf_query(&records, BPF_RB_RING_SIZE) / 2)
		wakeup = BPF_RB_FORCE_WAKEUP;
	if (bpf_ringbuf_output(&records, buffer, size, wakeup)) {
		count(COUNTER_RECORDS_LOST);
		return 0;
	}
	loop->sent_epoch = loop->epoch;
	loop->edges_sent = edges;
	return 1;
}

__noinline int window_send_own(struct loop *loop, __u64 now, __u32 kind)
{
	struct window_buffer *buffer;
	int size, sent;

	if (!loop)
		return 0;
	if (scope.announce && !loop->sent_epoch)
		place_send(loop, (void *)bpf_get_current_task());
	buffer = buffer_claim();
	if (!buffer)
		return 0;
	loop->epoch++;
	size = window_fill(buffer, loop, now, 0);
	sent = window_output(buffer, loop, kind, size, loop->edges);
	buffer_release(buffer);
	return sent;
}
