/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The records of a stall. Global functions, as in emit.bpf.c: called where busy intervals end, in
 * the middle of large programs, and only then.
 *
 * Kernel floor: 5.15.
 */
#include "stall.bpf.h"
#include "burial.bpf.h"
#include "kernel_fields.bpf.h"

static __always_inline void fill_loop(struct stall_record *record, const struct loop *loop)
{
	record->id = loop->id;
	record->process_start_ns = loop->process_start_ns;
	record->cgroup_id = loop->cgroup_id;
	__builtin_memcpy(record->thread, loop->thread, sizeof(record->thread));
	__builtin_memcpy(record->process, loop->process, sizeof(record->process));
	record->blocking_ns = loop->blocking_ns;
	record->family = loop->call.family;
}

static __always_inline void fill_told(struct stall_record *record, const struct stall *stall,
				      const struct loop *loop)
{
	record->waker = stall->waker;
	record->flags = stall_is_woken(stall, loop) ? STALL_WOKEN : 0;
	record->nr_stacks = stall->nr_stacks;
	record->reserved = 0;
	record->stalls_held = stall->stalls_held;
	record->stacks_held = stall->stacks_held;
	record->nr_syscalls = stall->nr_syscalls;
	__builtin_memcpy(record->syscalls, stall->syscalls, sizeof(record->syscalls));
}

static __always_inline void fill_causes(struct stall_record *record, const struct loop *loop,
					__u32 kind, __u64 now, __u64 throttled_ns)
{
	__u64 busy_ns = now - record->start_ns;
	__s32 syscall_nr;

	__builtin_memcpy(record->cause_ns, loop->cause_ns, sizeof(record->cause_ns));
	record->cause = loop_charge_open(loop, now, throttled_ns, record->cause_ns, &syscall_nr);
	record->syscall_nr = syscall_nr;
	stall_causes(loop, busy_ns, record->cause_ns);
	if (kind != RECORD_STALL_ENDED)
		return;
	record->cause = loop_dominant_cause(loop, busy_ns);
	record->syscall_nr = -1;
}

__noinline int stall_tell(struct loop *loop, struct stall *stall, __u32 kind, __u64 now,
			  __u64 throttled_ns)
{
	struct window_buffer *buffer;
	struct stall_record *record;
	long err;

	if (!loop || !stall)
		return 0;
	buffer = buffer_claim();
	if (!buffer)
		return 0;
	record = (void *)buffer;
	if (now < loop->mark_ns)
		now = loop->mark_ns;
	record->header.kind = kind;
	record->header.reserved = 0;
	record->header.size = sizeof(*record);
	record->header.time_ns = now;
	record->start_ns = stall->begun_ns;
	fill_loop(record, loop);
	fill_told(record, stall, loop);
	fill_causes(record, loop, kind, now, throttled_ns);
	if (kind == RECORD_STALL_BEGUN && stall->nr_stacks)
		record->flags |= STALL_STACK_FOLLOWS;
	if (kind == RECORD_STALL_ENDED && bpf_get_current_task_btf()->flags & PF_EXITING)
		record->flags |= STALL_THREAD_EXITS;
	err = bpf_ringbuf_output(&records, record, sizeof(*record), BPF_RB_FORCE_WAKEUP);
	if (err)
		count(COUNTER_RECORDS_LOST);
	buffer_release(buffer);
	return !err;
}

__noinline int stall_sleep_ended(struct stall *stall, const struct loop *loop, __s32 nr,
				 __u64 slept_ns)
{
	if (stall && loop)
		stall_end_sleep(stall, loop, nr, slept_ns);
	return 0;
}

/*
 * A stall too short for the tick or the watch to have met it is told now. Another thread than the
 * loop's own ends the interval only if the loop was lost; nothing is told then. What has begun is
 * ended, whatever has been said of the loop since.
 */
__noinline int stall_ended(struct loop *loop, __u64 busy_ns)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct stall *stall;
	__u64 start, end;

	if (!loop || (__u32)bpf_get_current_pid_tgid() != loop->kernel_tid)
		return 0;
	start = loop->interval_start_ns;
	end = start + busy_ns;
	stall = stall_of(task);
	if (!stall) {
		if (loop_is_shown(loop, end))
			count(COUNTER_STALLS_HELD);
		return 0;
	}
	if (stall->begun_ns != start &&
	    (!loop_is_shown(loop, end) || !stall_is_wanted(loop, stall, busy_ns)))
		return 0;
	stall_of_interval(stall, start);
	if (__sync_lock_test_and_set(&stall->begun_ns, start) != start)
		stall_begin(stall, end, scope.max_stalls);
	if (stall->told == STALL_TOLD)
		stall_tell(loop, stall, RECORD_STALL_ENDED, end, 0);
	else
		count(COUNTER_STALLS_HELD);
	stall->told = STALL_OVER; /* for the watch, which may be looking at it */
	return 0;
}
