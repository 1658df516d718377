/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Taking up a loop that is overdue, from its own CPU's tick or from the watch. */
#ifndef LOOPSCOPE_OVERDUE_BPF_H
#define LOOPSCOPE_OVERDUE_BPF_H

#include "burial.bpf.h"
#include "kernel_fields.bpf.h"
#include "stack.bpf.h"
#include "stall.bpf.h"

/* Stacks are large: the rest of the ring is for what must not be lost. */
static __always_inline bool ring_has_room(void)
{
	return bpf_ringbuf_query(&records, BPF_RB_AVAIL_DATA) <
	       bpf_ringbuf_query(&records, BPF_RB_RING_SIZE) / 2;
}

static __always_inline bool stack_due(struct stall *stall, __u64 start, __u64 now)
{
	__u64 held = stall->stacks_held;

	if (stall_stack_due(stall, start, now, scope.max_stacks)) {
		if (ring_has_room()) {
			stall->nr_stacks++;
			return true;
		}
		stall->stacks_held++;
	}
	if (stall->stacks_held != held)
		count(COUNTER_STACKS_HELD);
	return false;
}

static __always_inline bool sleeping_stack_due(struct task_struct *task, struct stall *stall,
					       __u64 start, __u64 now)
{
	__u64 switches = task->nvcsw + task->nivcsw;

	if (!stall_sleep_is_new(stall, switches) || !stack_due(stall, start, now))
		return false;
	stall_note_sleep(stall, switches);
	return true;
}

/* Asleep, or stopped: its registers are what they will be when it runs again. */
static __always_inline void send_sleeping(struct task_struct *task,
					  const struct stack_request *request)
{
	struct window_buffer *buffer = buffer_claim();
	struct stack_record *record = (void *)buffer;

	if (!buffer)
		return;
	stack_fill(record, request, task);
	record->flags = STACK_OFF_CPU;
	if (bpf_ringbuf_output(&records, record, sizeof(*record), BPF_RB_FORCE_WAKEUP))
		count(COUNTER_RECORDS_LOST);
	buffer_release(buffer);
}

static __always_inline bool lasts_due(struct stall *stall, __u64 start, __u64 now)
{
	return stall_lasts_due(stall, start, now) || (watch_is_last && stall->told == STALL_TOLD);
}

/* The tick has a stack to tell of as well: what is to run mostly does so within that time. */
#define TICK_FIRST_NS 100000000ULL

static __always_inline void watch_loop(struct task_struct *task, struct loop *loop)
{
	__u64 now = bpf_ktime_get_ns(), start = loop_busy_start(loop), throttled;
	struct stack_request request = {};
	__s8 away = loop->away;
	bool runnable = away == LOOP_ON_CPU || away == CAUSE_RUNQUEUE || loop_woken_ns(loop, now);
	enum stall_met met;
	struct stall *stall;
	bool stack;

	if (!loop_is_overdue(loop, now) || !loop_is_shown(loop, now))
		return;
	if (runnable && now - start < loop->blocking_ns + TICK_FIRST_NS)
		return;
	stall = stall_of(task);
	if (!stall)
		return;
	met = stall_meet(loop, stall, start, now);
	if (met == STALL_PASSED)
		return;
	throttled = queue_throttled_ns(task->se.cfs_rq, now, loop->clock_offset_ns, true);
	stack = !runnable && sleeping_stack_due(task, stall, start, now);
	if (met == STALL_BEGINS)
		stall_tell(loop, stall, RECORD_STALL_BEGUN, now, throttled);
	else if (lasts_due(stall, start, now))
		stall_tell(loop, stall, RECORD_STALL_LASTS, now, throttled);
	if (!stack)
		return;
	request.id = loop->id;
	request.process_start_ns = loop->process_start_ns;
	request.start_ns = start;
	request.now = now;
	request.cause = (__u8)away;
	request.syscall_nr = loop->away_nr;
	send_sleeping(task, &request);
}

#endif
