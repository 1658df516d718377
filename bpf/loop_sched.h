/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transitions by the scheduler: switched out and in, made runnable, migrated.
 * Pure, as loop.h is.
 */
#ifndef LOOPSCOPE_LOOP_SCHED_H
#define LOOPSCOPE_LOOP_SCHED_H

#include "loop_edges.h"

/* Why a thread left the CPU. */
struct switch_out {
	enum cause cause;   /* CAUSE_RUNQUEUE: it did not sleep */
	__s32 syscall_nr;   /* it sleeps in; else -1 */
	_Bool in_wait;      /* that is a wait call of the loop's own */
	_Bool parks;        /* it is idle, though not in a wait call: see loop_is_park */
	__u64 throttled_ns; /* the throttled clock of its queue */
	__u64 queue;
	__s64 clock_offset_ns;
	__u64 run_delay_ns; /* what it has ever waited for a CPU, by the scheduler's word */
};

/*
 * A thread that sleeps tells where it is, and so whether an edge was missed: in
 * a wait call it is not busy, and in another call it does not poll.
 */
static inline _Bool loop_edge_missed(const struct loop *loop, const struct switch_out *out)
{
	if (loop_in_edge(loop) || out->parks)
		return 0;
	if (loop->state == LOOP_BUSY && !loop->instant)
		return out->in_wait;
	return !out->in_wait && out->syscall_nr >= 0;
}

/* Takes note of that edge. Returns 0 if it was no miss, but an exit wrongly presumed. */
static inline int loop_heal(struct loop *loop, __u64 now)
{
	struct wait_call call = loop->call;

	if (loop->state != LOOP_BUSY || loop->instant) {
		loop_wait_exit(loop, now, 0);
	} else if (loop->unseen_exit == UNSEEN_EXIT_PRESUMED) {
		loop_charge_cpu(loop, now);
		loop->iterations--;
		loop->unseen_exit = UNSEEN_EXIT_ASLEEP;
		loop->state = LOOP_POLL;
		return 0;
	} else {
		call.zero_timeout = 0; /* it sleeps */
		loop_wait_enter(loop, now, &call);
	}
	return 1;
}

/* A wait begins that has no edges of its own: it will end as the thread runs again. */
static inline void loop_park(struct loop *loop, __u64 now)
{
	loop_charge_cpu(loop, now);
	loop_end_busy(loop, now);
	loop_end_batch(loop);
	loop->interval_start_ns = now;
	loop->poll_start_ns = now;
	loop->continues = 0;
	loop->call.zero_timeout = 0;
	loop->instant = INSTANT_NO;
	loop->unseen_exit = UNSEEN_EXIT_PARKED;
	loop->state = LOOP_POLL;
}

static inline void loop_switch_out(struct loop *loop, __u64 now, const struct switch_out *out)
{
	if (loop_in_edge(loop)) {
		loop->off_ns = now;
		return;
	}
	loop_sequence_bump(loop);
	if (out->parks && loop->state == LOOP_BUSY)
		loop_park(loop, now);
	if (loop->state == LOOP_BUSY) {
		if (loop->gap)
			loop_end_gap(loop);
		if (loop->instant)
			loop->instant = INSTANT_CHARGED;
		loop_note_causes(loop);
		loop_charge_cpu(loop, now);
	} else if (out->cause != CAUSE_RUNQUEUE) {
		loop->slept = 1;
		loop->wake_from_ns = 0;
	}
	loop->away = out->cause;
	loop->away_nr = out->syscall_nr;
	loop->off_ns = now;
	loop->clock_offset_ns = out->clock_offset_ns;
	loop->run_delay_ns = out->run_delay_ns;
	if (out->cause == CAUSE_RUNQUEUE) {
		loop->throttle.queue = out->queue;
		loop->throttle.base_ns = out->throttled_ns;
		loop->throttle.done_ns = 0;
	}
	loop_sequence_bump(loop);
}

/* When a sleeping thread was last made runnable; 0 if it was not, as far as is known. */
static inline __u64 loop_woken_ns(const struct loop *loop, __u64 now)
{
	__u64 waking = *(const volatile __u64 *)&loop->waking_ns;

	if (waking < loop->in_ns || waking + LOOP_WAKING_RACE_NS < loop->off_ns)
		return 0;
	if (waking < loop->off_ns)
		return loop->off_ns;
	return waking < now ? waking : now;
}

/* How much of a wait for a CPU was throttling; `queue`'s clock reads throttled_ns now. */
static inline __u64 loop_quota_ns(const struct loop *loop, __u64 wait_ns, __u64 queue,
				  __u64 throttled_ns)
{
	__u64 quota = loop->throttle.done_ns;

	/* another queue without a migration: its cgroup was changed; the past is not known */
	if (queue == loop->throttle.queue && throttled_ns > loop->throttle.base_ns)
		quota += throttled_ns - loop->throttle.base_ns;
	return quota < wait_ns ? quota : wait_ns;
}

/*
 * Finds the row of a system call, or makes one; the last row is for all that
 * found none. Where it is goes through memory: the verifier then goes on with
 * one state, not with one for each row.
 */
static inline struct window_syscall *loop_syscall(struct loop *loop, __s32 nr)
{
	volatile __u32 *at = &loop->syscall_at;
	__u32 i = *at & (RECORD_NR_SYSCALLS - 1);

	if (i >= loop->nr_syscalls || loop->syscalls[i].nr != nr) {
		for (i = 0; i < RECORD_NR_SYSCALLS - 1; i++) {
			LOOP_BARRIER(); /* two bounds made one, 6.1 does not see that it ends */
			if (i >= loop->nr_syscalls || loop->syscalls[i].nr == nr)
				break;
		}
		*at = i;
	}
	i = *at & (RECORD_NR_SYSCALLS - 1);
	if (i == RECORD_NR_SYSCALLS - 1)
		nr = RECORD_SYSCALL_OTHER;
	if (i >= loop->nr_syscalls)
		loop->nr_syscalls = i + 1;
	loop->syscalls[i].nr = nr;
	return &loop->syscalls[i];
}

/* What restart_syscall goes on with: the call that the loop slept in last. */
static inline __s32 loop_last_syscall(const struct loop *loop, __s32 nr)
{
	__u32 i = loop->syscall_at & (RECORD_NR_SYSCALLS - 1);

	return i < loop->nr_syscalls && loop->syscalls[i].nr >= 0 ? loop->syscalls[i].nr : nr;
}

static inline void loop_charge_syscall(struct loop *loop, __s32 nr, __u64 ns)
{
	struct window_syscall *syscall = loop_syscall(loop, nr);

	syscall->count++;
	syscall->time_ns += ns;
	loop->edges++;
}

/* What loop_switch_in did not know. */
enum switch_miss {
	SWITCH_MISS_NONE = 0,
	SWITCH_MISS_WAKING,
	SWITCH_MISS_OUT,
};

struct switch_in {
	__u64 queue;
	__u64 throttled_ns; /* that queue's throttled clock */
	__u64 queued_ns;    /* when the scheduler says that it became runnable; 0: it does not */
};

/*
 * When the thread was made runnable, by the scheduler's word if no waking was
 * seen; the throttled clock of then is not known in that case.
 */
static inline __u64 loop_runnable_ns(struct loop *loop, __u64 now, const struct switch_in *in)
{
	__u64 woken = loop_woken_ns(loop, now);

	if (woken || !in->queued_ns)
		return woken;
	loop->throttle.queue = 0;
	loop->throttle.done_ns = 0;
	if (in->queued_ns < loop->off_ns)
		return loop->off_ns;
	return in->queued_ns < now ? in->queued_ns : now;
}

static inline enum switch_miss loop_busy_switch_in(struct loop *loop, __u64 now,
						   const struct switch_in *in)
{
	enum switch_miss miss = SWITCH_MISS_NONE;
	__u64 quota;

	if (loop->away == LOOP_ON_CPU) {
		loop_charge_cpu(loop, now);
		return SWITCH_MISS_OUT;
	}
	if (loop->away != CAUSE_RUNQUEUE) {
		__u64 woken = loop_runnable_ns(loop, now, in);

		if (!woken) {
			miss = SWITCH_MISS_WAKING;
			woken = now;
		}
		if (loop->away == CAUSE_SYSCALL || loop->away == CAUSE_LOCK)
			loop_charge_syscall(loop, loop->away_nr,
					    woken > loop->mark_ns ? woken - loop->mark_ns : 0);
		loop_charge(loop, (enum cause)loop->away, woken);
	}
	if (now > loop->mark_ns) {
		quota = loop_quota_ns(loop, now - loop->mark_ns, in->queue, in->throttled_ns);
		loop->cause_ns[CAUSE_CPU_QUOTA] += quota;
		loop->mark_ns += quota;
		loop_charge(loop, CAUSE_RUNQUEUE, now);
	}
	return miss;
}

/* Within a wait call only the delay of the wake-up matters: all of it is poll time. */
static inline enum switch_miss loop_poll_switch_in(struct loop *loop, __u64 now,
						   const struct switch_in *in)
{
	if (loop->away == LOOP_ON_CPU)
		return SWITCH_MISS_OUT;
	if (!loop->slept)
		return SWITCH_MISS_NONE;
	if (loop->away != CAUSE_RUNQUEUE) {
		loop->wake_from_ns = loop_runnable_ns(loop, now, in);
		loop->wake_quota_pending_ns = 0;
		if (!loop->wake_from_ns)
			return SWITCH_MISS_WAKING;
	}
	if (!loop->wake_from_ns)
		return SWITCH_MISS_NONE;
	loop->wake_pending_ns = now - loop->wake_from_ns;
	loop->wake_quota_pending_ns +=
		loop_quota_ns(loop, loop->wake_pending_ns - loop->wake_quota_pending_ns, in->queue,
			      in->throttled_ns);
	return SWITCH_MISS_NONE;
}

static inline enum switch_miss loop_switch_in(struct loop *loop, __u64 now,
					      const struct switch_in *in)
{
	enum switch_miss miss;

	if (loop_in_edge(loop)) {
		loop->preempted_ns += now > loop->off_ns ? now - loop->off_ns : 0;
		return SWITCH_MISS_NONE;
	}
	loop_sequence_bump(loop);
	if (loop->state == LOOP_BUSY)
		miss = loop_busy_switch_in(loop, now, in);
	else
		miss = loop_poll_switch_in(loop, now, in);
	loop->away = LOOP_ON_CPU;
	loop->in_ns = now;
	loop_sequence_bump(loop);
	return miss;
}

/* Whether what runs now has, as far as can be known, returned from its wait call. */
static inline _Bool loop_exit_is_presumed(const struct loop *loop)
{
	return (loop->unseen_exit == UNSEEN_EXIT_ASLEEP ||
		loop->unseen_exit == UNSEEN_EXIT_PARKED) &&
	       loop->state == LOOP_POLL;
}

static inline void loop_presume_exit(struct loop *loop, __u64 now)
{
	_Bool parked = loop->unseen_exit == UNSEEN_EXIT_PARKED;

	loop_wait_exit(loop, now, 0);
	loop->unseen_exit = parked ? UNSEEN_EXIT_NO : UNSEEN_EXIT_PRESUMED;
}

/*
 * The thread runs, though its switch-in was not seen. The scheduler knows since
 * when (arrival_ns; 0 if not), and how long in all it has waited for a CPU.
 * Returns the time at which to switch it in, with *in filled.
 */
static inline __u64 loop_late_switch_in(const struct loop *loop, __u64 now, __u64 arrival_ns,
					__u64 run_delay_ns, struct switch_in *in)
{
	in->queue = 0;
	in->throttled_ns = 0;
	in->queued_ns = 0;
	if (arrival_ns < loop->off_ns || arrival_ns > now) {
		arrival_ns = loop_woken_ns(loop, now);
		return arrival_ns ? arrival_ns : now;
	}
	in->queued_ns = arrival_ns - (run_delay_ns - loop->run_delay_ns);
	return arrival_ns;
}

/* The thread becomes runnable. Another CPU's doing: writes its own fields alone. */
static inline void loop_waking(struct loop *loop, __u64 now, __u64 queue, __u64 throttled_ns)
{
	loop->throttle.queue = queue;
	loop->throttle.base_ns = throttled_ns;
	loop->throttle.done_ns = 0;
	LOOP_BARRIER();
	*(volatile __u64 *)&loop->waking_ns = now;
}

/* A runnable thread goes from one queue to another. */
static inline void loop_migrate(struct loop *loop, __u64 from, __u64 from_throttled_ns, __u64 to,
				__u64 to_throttled_ns)
{
	if (from == loop->throttle.queue && from_throttled_ns > loop->throttle.base_ns)
		loop->throttle.done_ns += from_throttled_ns - loop->throttle.base_ns;
	loop->throttle.queue = to;
	loop->throttle.base_ns = to_throttled_ns;
}

#endif
