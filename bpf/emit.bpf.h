/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A loop's state as a window record in the ring. */
#ifndef LOOPSCOPE_EMIT_BPF_H
#define LOOPSCOPE_EMIT_BPF_H

#include "state.bpf.h"

/*
 * Puts the loop's window together, the open span up to `now` included;
 * throttled_ns is its queue's clock. Returns the record's size, or 0.
 */
extern int window_fill(struct window_buffer *buffer, const struct loop *loop, __u64 now,
		       __u64 throttled_ns);

/*
 * Sends what was put together; 0 if the ring was full, which is counted. `edges`
 * of the loop are in the record, so that the next one may leave them out.
 */
extern int window_output(struct window_buffer *buffer, struct loop *loop, __u32 kind, __u32 size,
			 __u64 edges);

/* Both, by the loop's own thread, whose state nobody else changes meanwhile. */
extern int window_send_own(struct loop *loop, __u64 now, __u32 kind);

/* A buffer that nobody else uses; NULL, and counted, if there is none. */
static __always_inline struct window_buffer *buffer_claim(void)
{
	__u32 start = bpf_get_smp_processor_id();

	for (__u32 i = 0; i < NR_BUFFERS; i++) {
		__u32 key = (start + i) % NR_BUFFERS;
		struct window_buffer *buffer = bpf_map_lookup_elem(&buffers, &key);

		if (buffer && !__sync_lock_test_and_set(&buffer->claimed, 1))
			return buffer;
	}
	count(COUNTER_RECORDS_LOST);
	return NULL;
}

static __always_inline void buffer_release(struct window_buffer *buffer)
{
	__sync_lock_test_and_set(&buffer->claimed, 0);
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
