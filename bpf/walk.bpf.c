/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Iterators over the loops: over the roster where the kernel can find a task by
 * its number (6.2), else over all tasks. A walk sends every loop's window; while
 * `watching` is set it looks for those that are overdue, and do not run, instead.
 *
 * User space reads a walk one byte at a time. An iterator writes that byte when
 * the ring is half full, so that read() returns, the ring is drained, and the
 * next read() goes on where this one stopped.
 */
#include "emit.bpf.h"
#include "overdue.bpf.h"
#include "place.bpf.h"
#include "reactor.bpf.h"
#include <bpf/bpf_tracing.h>

extern struct task_struct *bpf_task_from_pid(__s32 pid) __ksym __weak;
extern void bpf_task_release(struct task_struct *task) __ksym __weak;

static __always_inline void pause_when_half_full(struct seq_file *seq)
{
	__u8 byte = 0;

	if (bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) >
	    bpf_ringbuf_query(&records, BPF_RB_RING_SIZE) / 2)
		bpf_seq_write(seq, &byte, sizeof(byte));
}

static __always_inline __u32 sequence_of(const struct loop *loop)
{
	__u32 sequence = *(const volatile __u32 *)&loop->sequence;

	LOOP_BARRIER();
	return sequence;
}

/* The walk, which reads while the loop runs, tries so often before it asks the loop. */
#define WINDOW_TRIES 3

/* A thread that closes what it waited on may open another soon. */
#define CLOSED_FOR_GOOD_NS 1000000000ULL

/* Nothing is open in a loop's last window. */
static __always_inline void window_end(struct window_buffer *buffer)
{
	struct loop_window *window = (void *)buffer;

	window->state = LOOP_POLL;
	window->interval_start_ns = window->header.time_ns;
}

/* The window as it is between two edges; 0 if the loop is too fast for that. */
static __always_inline __u32 window_read(struct window_buffer *buffer, struct loop *loop,
					 struct task_struct *task, bool last, __u64 *ret_edges)
{
	for (int i = 0; i < WINDOW_TRIES; i++) {
		__u32 before = sequence_of(loop), size;
		__u64 now = last ? loop->mark_ns : bpf_ktime_get_ns(), throttled;

		*ret_edges = loop->edges;
		throttled = queue_throttled_ns(task->se.cfs_rq, now, loop->clock_offset_ns, true);
		size = window_fill(buffer, loop, now, throttled);
		LOOP_BARRIER();
		if (before & 1 || sequence_of(loop) != before)
			continue;
		if (last)
			window_end(buffer);
		return size;
	}
	return 0;
}

/* The thread is not to be watched: what it does next makes no loop of it. */
static __always_inline void loop_exclude(struct loop *loop, struct task_struct *task)
{
	struct exclusion exclusion = {.epoch = policy_epoch};
	__u32 tid = loop->kernel_tid;

	__builtin_memcpy(exclusion.thread, loop->thread, sizeof(exclusion.thread));
	if (!bpf_task_storage_get(&excluded, task, &exclusion, BPF_LOCAL_STORAGE_GET_F_CREATE))
		return; /* no memory: at the next walk */
	window_asked_take(loop);
	bpf_map_delete_elem(&roster, &tid);
	bpf_task_storage_delete(&loops, task);
}

/* False: the loop is no more. */
static __always_inline bool policy_apply(struct loop *loop, struct task_struct *task)
{
	struct loop_id id = loop->id;
	const struct loop_policy *policy = bpf_map_lookup_elem(&policies, &id);
	struct stall *stall;

	if (policy && policy->excluded) {
		loop_exclude(loop, task);
		return false;
	}
	stall = stall_of(task);
	if (stall) {
		if (policy)
			stall->blocking_ns = policy->blocking_ns;
		stall_take_threshold(stall, loop);
	} else if (policy) {
		loop->blocking_ns = policy->blocking_ns;
	}
	return true;
}

/*
 * Whether the loop has ended, though its thread goes on: it waits on nothing any more, or turned
 * out to be none.
 */
static __always_inline bool loop_is_over(const struct loop *loop, struct task_struct *task,
					 __u64 now)
{
	if (loop->needs_evidence && !loop_has_evidence(loop, now))
		return true;
	if (loop->over == OVER_CLOSED)
		return now > loop->mark_ns + CLOSED_FOR_GOOD_NS;
	return loop->over || source_is_lost(loop, task, now);
}

static __always_inline void window_ask(struct loop *loop)
{
	__sync_fetch_and_add(&windows_asked, 1);
	__sync_lock_test_and_set(&loop->asked, 1);
	if (!loop->state) /* it ended meanwhile, and answers no more */
		window_asked_take(loop);
}

/* As it is now, or for the last time. False: it was not sent. */
static __always_inline bool window_send(struct task_struct *task, struct loop *loop, bool last)
{
	struct window_buffer *buffer;
	bool sent = false;
	__u64 edges = 0;
	__u32 size;

	buffer = buffer_claim();
	if (!buffer)
		return false;
	loop->epoch++;
	size = window_read(buffer, loop, task, last, &edges);
	if (size) {
		sent = window_output(buffer, loop, last ? RECORD_LOOP_GONE : RECORD_LOOP_WINDOW,
				     size, edges);
		window_asked_take(loop);
	} else if (!last && loop->asked) {
		count(COUNTER_TORN);
	} else if (!last) {
		window_ask(loop);
	}
	buffer_release(buffer);
	return sent;
}

/* Once: the thread itself may come to it at the same time. */
static __always_inline void window_send_last(struct task_struct *task, struct loop *loop)
{
	__u32 tid = loop->kernel_tid;

	if (__sync_lock_test_and_set(&loop->over, OVER_TOLD) == OVER_TOLD)
		return;
	if (window_send(task, loop, true))
		bpf_map_delete_elem(&roster, &tid);
	else
		loop->over = OVER_LOST; /* at the next walk */
}

static __always_inline void loop_visit(struct task_struct *task)
{
	struct loop *loop = loop_of(task);
	bool last;

	if (!loop || !loop->state || loop->over == OVER_TOLD)
		return;
	if (watching) {
		if (loop->state == LOOP_BUSY && !loop->over)
			watch_loop(task, loop);
		return;
	}
	last = loop_is_over(loop, task, bpf_ktime_get_ns());
	if (last && loop->needs_evidence && !loop->sent_epoch)
		return; /* nobody has heard of it */
	if (scope.policies && !policy_apply(loop, task))
		return;
	if (scope.announce && !loop->sent_epoch)
		place_send(loop, task);
	if (last)
		window_send_last(task, loop);
	else
		window_send(task, loop, false);
}

SEC("?iter/task")
int walk_tasks(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;

	if (!task)
		return 0;
	loop_visit(task);
	pause_when_half_full(context->meta->seq);
	return 0;
}

SEC("?iter/bpf_map_elem")
int walk_roster(struct bpf_iter__bpf_map_elem *context)
{
	struct task_struct *task;
	__u32 *tid = context->key;

	if (!tid)
		return 0;
	task = bpf_task_from_pid(*tid);
	if (!task)
		return 0;
	loop_visit(task);
	bpf_task_release(task);
	pause_when_half_full(context->meta->seq);
	return 0;
}
