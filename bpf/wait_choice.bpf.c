/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which threads become loops, and which of their waits are the loop's own.
 * Global functions, for the verifier to take each by itself.
 *
 * Kernel floor: 5.15.
 */
#include "burial.bpf.h"
#include "reactor.bpf.h"
#include "scope.bpf.h"
#include "transitions.bpf.h"
#include "wait_choice.bpf.h"
#include "wait_family.bpf.h"

#define SELECT_MAX_WORDS 16 /* FD_SETSIZE */

/* Of the descriptors that select reads from; what cannot be read may be several. */
__noinline int select_reads_several(__u64 address, __u32 nr)
{
	volatile __u32 found = 0; /* in memory, lest the verifier follow each sum of its own */

	for (__u32 i = 0; i < SELECT_MAX_WORDS && i * 64 < nr; i++) {
		__u64 word = 0;

		if (bpf_probe_read_user(&word, sizeof(word), (__u64 *)address + i))
			return address != 0;
		if (word)
			found += word & (word - 1) ? 2 : 1;
	}
	return found > 1;
}

/* A loop waits for what wakes it up and for something else, a blocking client for one socket. */
static __always_inline bool wait_is_for_several(const struct wait_call *call)
{
	switch (call->family) {
	case WAIT_POLL:
		return call->max_events > 1;
	case WAIT_SELECT:
		return select_reads_several(call->events, call->max_events);
	default:
		return true;
	}
}

/* Whether such a call may make a loop of a thread that is none. */
static __always_inline bool wait_is_of_interest(const struct wait_call *call)
{
	if (scope.wait_family)
		return call->family == scope.wait_family;
	return wait_family_is_sure(call->family) ||
	       (!call->zero_timeout && wait_is_for_several(call));
}

/* Whether the thread waits as it did the last time: twice makes it worth a look. */
static __always_inline bool candidate_returns(struct task_struct *task,
					      const struct wait_call *call)
{
	struct candidate *candidate;

	candidate = bpf_task_storage_get(&candidates, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!candidate) {
		count(COUNTER_LOOPS_LOST);
		return false;
	}
	if (candidate->family == call->family && candidate->source == call->source &&
	    candidate->sp == call->sp) {
		bpf_task_storage_delete(&candidates, task);
		return true;
	}
	candidate->family = call->family;
	candidate->source = call->source;
	candidate->sp = call->sp;
	return false;
}

static __always_inline int loop_begin(struct task_struct *task, const struct wait_call *call,
				      __u64 now, __u32 changes)
{
	struct loop *loop = loop_adopt(task);

	if (!loop)
		return 0;
	loop->id.changes = changes;
	loop->needs_evidence = !scope.wait_family && !wait_family_is_sure(call->family);
	loop_start(loop, now, call, false);
	source_begin(task, loop);
	if (scope.announce && !loop->needs_evidence)
		window_send_own(loop, now, RECORD_LOOP_WINDOW);
	return 0;
}

/*
 * The thread's next loop: no figure of the one before it is carried over. That one ended where the
 * last of its time was charged.
 */
static __always_inline int loop_replace(struct task_struct *task, struct loop *loop,
					const struct wait_call *call, __u64 now)
{
	__u32 changes = loop->id.changes + 1;

	if (!loop->over)
		loop_close(loop, loop->mark_ns, OVER_LOST);
	reactor_leave(task, loop, false);
	loop_bury(loop, loop->mark_ns);
	if (bpf_task_storage_delete(&loops, task)) {
		loop->state = LOOP_POLL; /* nor is it told of again: at the next wait */
		loop->over = OVER_TOLD;
		return 0;
	}
	return loop_begin(task, call, now, changes);
}

/* Whether the thread, which is no loop or was one, is one by this call. */
static __always_inline bool wait_makes_loop(struct task_struct *task, const struct wait_call *call)
{
	if (!ready || call->family == WAIT_NONE || !wait_is_of_interest(call) || !scope_wants(task))
		return false;
	return scope.wait_family || wait_family_is_sure(call->family) ||
	       candidate_returns(task, call);
}

__noinline int wait_of_no_loop(const struct wait_call *call)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct loop *loop;
	__u64 now;

	if (!call || !wait_makes_loop(task, call))
		return 0;
	now = bpf_ktime_get_ns();
	loop = loop_of(task);
	if (!loop || !loop->state)
		return loop_begin(task, call, now, 0);
	if (loop->over != OVER_CLOSED || loop->call.family != call->family)
		return loop_replace(task, loop, call, now);
	loop_resume(loop, now, call);
	source_begin(task, loop);
	return 0;
}

__noinline int wait_closes(struct loop *loop)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 now = bpf_ktime_get_ns();

	if (!loop || loop->over)
		return 0;
	if (loop->away != LOOP_ON_CPU)
		transition_heal_switch_in(loop, task, now);
	reactor_leave(task, loop, true);
	loop_close(loop, now, OVER_CLOSED);
	return 0;
}

__noinline int wait_elsewhere(struct loop *loop, const struct wait_call *call, __u64 now)
{
	struct task_struct *task = bpf_get_current_task_btf();
	enum wait_elsewhere elsewhere = ELSEWHERE_NESTED;

	if (!loop || !call)
		return ELSEWHERE_NESTED;
	if (call->family != WAIT_NONE && (!scope.wait_family || call->family == scope.wait_family))
		elsewhere = loop_wait_elsewhere(loop, now, call, source_is_gone(task, loop));
	if (elsewhere == ELSEWHERE_CHANGES)
		loop_replace(task, loop, call, now);
	else if (elsewhere == ELSEWHERE_NESTED)
		loop->nested = 1;
	return elsewhere;
}

__noinline int wait_source_begin(struct loop *loop)
{
	if (loop)
		source_begin(bpf_get_current_task_btf(), loop);
	return 0;
}

__noinline int wait_ring_result(struct loop *loop, __s64 result)
{
	__u32 completions, nr;

	if (!loop)
		return 0;
	completions = ring_completions(bpf_get_current_task_btf(), loop);
	nr = completions - loop->completions;
	loop->completions = completions;
	if (nr && nr < RING_MAX_COMPLETIONS)
		return nr;
	return result < 0 ? result : 0;
}
