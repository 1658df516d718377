/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A loop's state and its transitions: wait call entered and returned, switched
 * out and in. Pure: no map, no helper, no clock; the caller brings the time.
 * Host tests compile this very file.
 *
 * Every nanosecond is charged once. `mark_ns` is the instant up to which time
 * has been charged, to poll or to one cause; each transition charges the span
 * from there to now. So poll + causes = wall time, whatever is missed.
 *
 * One writer at a time: the thread itself at the edge of a wait call, or the
 * scheduler switching it. Two exceptions. sched_waking and sched_migrate_task
 * run elsewhere and write `waking_ns` and `throttle` alone. And where programs
 * can be preempted, a switch may come in the middle of an edge: it then notes
 * how long the thread was away, and changes nothing.
 */
#ifndef LOOPSCOPE_LOOP_H
#define LOOPSCOPE_LOOP_H

#include "record.h"

/*
 * The longest time on CPU between two wait calls that counts as none: what
 * libuv needs from its zero-timeout poll to the real one, or a program to
 * enter a call again that a signal ended.
 */
#define LOOP_GAP_NS 20000

/*
 * A waking that precedes the switch-out it ends: the waker may find the task
 * after it has set its state and before it has left the CPU.
 */
#define LOOP_WAKING_RACE_NS 20000

/* How sure the zero-timeout poll is to be libuv's: beyond 0, ever surer. */
#define LOOP_PREPOLL_SURE 4

/* busy, poll, wake: the first histograms */
#define NR_LOOP_MAXIMA HISTOGRAM_EVENTS

#define LOOP_EINTR (-4)
#define LOOP_CAUSE_SLOTS 8 /* causes, to the next power of two: an index is masked for the verifier */
#define LOOP_ON_CPU (-1) /* loop.away: not away */

/*
 * fexit does not fire for a call entered before it was attached. A loop found
 * asleep in its wait call then returns, as far as we know, when it next runs.
 */
enum unseen_exit {
	UNSEEN_EXIT_NO = 0,
	UNSEEN_EXIT_ASLEEP,
	UNSEEN_EXIT_PRESUMED, /* it ran; taken back if it sleeps on in the same call */
};

struct loop_bucket {
	__u64 count;
	__u64 sum;
};

/* The arguments that tell one wait call of a thread from another. */
struct wait_call {
	__u64 events;
	__u64 sp;
	__s32 epfd;
	__u32 max_events;
	__s32 nr;
	__u8 family;
	__u8 zero_timeout;
	__u8 libuv_like; /* the call that libuv makes, events on its stack */
	__u8 reserved;
};

/*
 * The throttled clock of the queue that a runnable thread waits in. base_ns is
 * the clock when the wait there began; done_ns what earlier queues added.
 */
struct loop_throttle {
	__u64 queue;
	__u64 base_ns;
	__u64 done_ns;
};

struct loop {
	__u32 sequence; /* odd while the state is written */
	__u8 state;	/* enum loop_state; 0: not yet watched */
	__s8 away;	/* LOOP_ON_CPU, or the enum cause of the present switch-out */
	__u8 gap;	/* busy since `interval_start_ns`, perhaps for a gap only */
	__u8 continues; /* the present wait call continues the iteration before it */
	__u8 slept;	/* within the present wait call */
	__u8 unseen_exit; /* enum unseen_exit */
	__s8 prepoll; /* whether zero-timeout polls look like libuv's: -SURE .. SURE */
	__u8 reserved;
	__s32 away_nr; /* system call of `away` */
	__u32 asked;   /* by the walk, to send its own window at the next edge */

	__u64 mark_ns;
	__u64 interval_start_ns;
	__u64 poll_start_ns;
	__u64 preempted_ns; /* off CPU in the middle of an edge, not yet charged */
	__u64 in_ns;  /* last switched in */
	__u64 off_ns; /* last switched out */
	__u64 waking_ns;
	__u64 wake_from_ns; /* when the last sleep of this wait call was ended */
	__u64 wake_quota_pending_ns;
	__u64 wake_pending_ns; /* the delay since, committed when the call returns */
	struct loop_throttle throttle;
	__s64 clock_offset_ns; /* CLOCK_MONOTONIC minus the run queue's clock */

	struct wait_call call;
	__s64 last_return;
	__u64 batch; /* events of the present iteration */

	/* What the window record carries; see record.h. */
	__u64 first_seen_ns;
	__u64 poll_ns;
	__u64 cause_ns[LOOP_CAUSE_SLOTS];
	__u64 iterations;
	__u64 events;
	__u64 stalls;
	__u64 busy_square_sum;
	__u64 wake_runqueue_ns;
	__u64 wake_quota_ns;

	/*
	 * Maxima since the last record that was sent. Closing a window bumps
	 * `epoch`; the writer, when it sees that, puts what it has aside in
	 * `old_maxima_ns`; sending makes all before `sent_epoch` void.
	 */
	__u32 epoch;
	__u32 sent_epoch;
	__u32 maxima_epoch;
	__u64 maxima_ns[NR_LOOP_MAXIMA];
	__u64 old_maxima_ns[NR_LOOP_MAXIMA];

	__u8 log_hints[8]; /* of each histogram of times: see histogram_index_near */
	__u64 edges;	  /* times histograms or system calls changed */
	__u64 edges_sent; /* as of the last record */

	struct loop_id id;
	__u64 cgroup_id;
	__u32 kernel_tid; /* in the initial pid namespace */
	__u32 nr_syscalls;
	char thread[RECORD_COMM_LEN];
	char process[RECORD_COMM_LEN];
	struct window_syscall syscalls[RECORD_NR_SYSCALLS];
	struct loop_bucket histograms[NR_LOOP_HISTOGRAMS][HISTOGRAM_NR_BUCKETS];
};
/* With its header it must fit in 8 KiB: the largest that every kernel allocates in any context. */
_Static_assert(sizeof(struct loop) <= 8000, "task storage");
_Static_assert(NR_CAUSES <= LOOP_CAUSE_SLOTS, "index mask");

#define LOOP_BARRIER() __asm__ volatile("" ::: "memory")

/*
 * The walk reads on another CPU. x86 keeps stores in order, and loads; others
 * want a full barrier, which an atomic operation with a result is.
 */
static inline void loop_sequence_bump(struct loop *loop)
{
#if defined(__TARGET_ARCH_x86) || defined(__x86_64__)
	LOOP_BARRIER();
	*(volatile __u32 *)&loop->sequence = loop->sequence + 1;
	LOOP_BARRIER();
#else
	__sync_fetch_and_add(&loop->sequence, 1);
#endif
}

/* Whether an edge is being written: asked by a switch, which then came in its middle. */
static inline _Bool loop_in_edge(const struct loop *loop)
{
	return loop->sequence & 1;
}

static inline void loop_charge_poll(struct loop *loop, __u64 now)
{
	if (now > loop->mark_ns) {
		loop->poll_ns += now - loop->mark_ns;
		loop->mark_ns = now;
	}
}

static inline void loop_charge(struct loop *loop, enum cause cause, __u64 until)
{
	if (until > loop->mark_ns) {
		loop->cause_ns[cause & (LOOP_CAUSE_SLOTS - 1)] += until - loop->mark_ns;
		loop->mark_ns = until;
	}
}

/* On CPU up to now, but for what was preempted in the middle of an edge. */
static inline void loop_charge_cpu(struct loop *loop, __u64 now)
{
	if (loop->preempted_ns) {
		__u64 until = loop->mark_ns + loop->preempted_ns;

		loop_charge(loop, CAUSE_RUNQUEUE, until < now ? until : now);
		loop->preempted_ns = 0;
	}
	loop_charge(loop, CAUSE_CPU, now);
}

/* The index is checked once more for the verifier, which forgets where it came from. */
static inline void loop_count(struct loop *loop, enum loop_histogram histogram, __u32 index,
			      __u64 value)
{
	struct loop_bucket *bucket;

	if (index >= HISTOGRAM_NR_BUCKETS)
		return;
	bucket = &loop->histograms[histogram][index];
	bucket->count++;
	bucket->sum += value;
	loop->edges++;
}

static inline __u64 loop_old_maximum(const struct loop *loop, __u32 i)
{
	return loop->maxima_epoch > loop->sent_epoch ? loop->old_maxima_ns[i] : 0;
}

/* The longest interval, or delay, that no record has told of. */
static inline __u64 loop_maximum(const struct loop *loop, __u32 i)
{
	__u64 old = loop_old_maximum(loop, i);

	if (loop->maxima_epoch < loop->sent_epoch || loop->maxima_ns[i] < old)
		return old;
	return loop->maxima_ns[i];
}

static inline void loop_count_ns(struct loop *loop, enum loop_histogram histogram, __u64 ns)
{
	loop_count(loop, histogram,
		   histogram_index_near(histogram_units_from_ns(ns), &loop->log_hints[histogram]),
		   ns);
	if (loop->maxima_epoch != loop->epoch) {
		for (__u32 i = 0; i < NR_LOOP_MAXIMA; i++) {
			loop->old_maxima_ns[i] = loop_maximum(loop, i);
			loop->maxima_ns[i] = 0;
		}
		loop->maxima_epoch = loop->epoch;
	}
	if (ns > loop->maxima_ns[histogram])
		loop->maxima_ns[histogram] = ns;
}

/* The gap turned out to be work: the poll interval before it has ended. */
static inline void loop_end_gap(struct loop *loop)
{
	loop->gap = 0;
	loop_count_ns(loop, HISTOGRAM_POLL, loop->interval_start_ns - loop->poll_start_ns);
}

static inline void loop_end_busy(struct loop *loop, __u64 now, __u64 blocking_ns)
{
	__u64 busy = now > loop->interval_start_ns ? now - loop->interval_start_ns : 0;
	__u64 coarse = busy >> 10;

	if (loop->gap)
		loop_end_gap(loop);
	loop_count_ns(loop, HISTOGRAM_BUSY, busy);
	loop->busy_square_sum += coarse * coarse;
	if (busy >= blocking_ns)
		loop->stalls++;
}

/* The iteration is over: count the events that it was given, mostly one or none. */
static inline void loop_end_batch(struct loop *loop)
{
	__u64 batch = loop->batch;
	__u32 index = HISTOGRAM_INDEX_OF_ONE;

	if (batch != 1)
		index = histogram_index(histogram_units_from_count(batch));
	loop_count(loop, HISTOGRAM_EVENTS, index, batch);
	loop->batch = 0;
}

static inline _Bool wait_call_same(const struct wait_call *a, const struct wait_call *b)
{
	return a->events == b->events && a->sp == b->sp && a->epfd == b->epfd && a->nr == b->nr &&
	       a->max_events == b->max_events;
}

/*
 * Whether the time on CPU since the last return is too short for work. A gap
 * that was switched out of has been charged already, and says nothing more.
 */
static inline _Bool loop_gap_is_short(const struct loop *loop, __u64 now)
{
	return !loop->gap || now - loop->interval_start_ns <= LOOP_GAP_NS;
}

/*
 * libuv that measures idle time polls with timeout 0 first, always; other
 * loops do so now and then, and work in between. Learn which this one is from
 * the calls that wait: entered right after such a poll, or after callbacks.
 */
static inline void loop_learn_prepoll(struct loop *loop, __u64 now, const struct wait_call *call)
{
	_Bool after_poll = loop->last_return == 0 && loop->call.zero_timeout;

	if (call->zero_timeout || (!after_poll && loop->last_return <= 0))
		return;
	if (after_poll && loop_gap_is_short(loop, now)) {
		if (loop->prepoll < LOOP_PREPOLL_SURE)
			loop->prepoll++;
	} else if (loop->prepoll > -LOOP_PREPOLL_SURE) {
		loop->prepoll--;
	}
}

/* Whether this wait call goes on with the iteration that the one before it began. */
static inline _Bool loop_call_continues(const struct loop *loop, __u64 now,
					const struct wait_call *call)
{
	/* nearly every call: callbacks have run since */
	if (loop->last_return > 0 && loop->last_return != call->max_events)
		return 0;
	if (!wait_call_same(&loop->call, call))
		return 0;
	if (loop->last_return == LOOP_EINTR)
		return loop_gap_is_short(loop, now);
	if (!call->libuv_like)
		return 0;
	if (loop->last_return > 0) /* libuv follows a full batch by a poll for more */
		return call->zero_timeout;
	return loop->last_return == 0 && loop->call.zero_timeout && !call->zero_timeout &&
	       loop->prepoll >= 0 && loop_gap_is_short(loop, now);
}

/* The first that is known of a loop: it enters a wait call, or is found asleep in one. */
static inline void loop_start(struct loop *loop, __u64 now, const struct wait_call *call,
			      _Bool asleep)
{
	loop->first_seen_ns = now;
	loop->mark_ns = now;
	loop->interval_start_ns = now;
	loop->poll_start_ns = now;
	loop->call = *call;
	loop->slept = asleep;
	loop->away = asleep ? CAUSE_SYSCALL : LOOP_ON_CPU;
	LOOP_BARRIER();
	loop->state = LOOP_POLL;
}

/*
 * Wait call entered, by a loop already watched. Returns 0, or 1 if the edge
 * before it was missed.
 */
static inline int loop_wait_enter(struct loop *loop, __u64 now, const struct wait_call *call,
				  __u64 blocking_ns)
{
	int missed = loop->state != LOOP_BUSY;

	loop_sequence_bump(loop);
	if (missed) {
		loop_charge_poll(loop, now);
	} else {
		_Bool continues = loop_call_continues(loop, now, call);

		if (call->libuv_like)
			loop_learn_prepoll(loop, now, call);
		if (continues && loop->gap) {
			loop->gap = 0;
			loop_charge_poll(loop, now);
			loop->interval_start_ns = loop->poll_start_ns;
		} else {
			loop_charge_cpu(loop, now);
			loop_end_busy(loop, now, blocking_ns);
			loop->interval_start_ns = now;
			loop->poll_start_ns = now;
		}
		if (!continues)
			loop_end_batch(loop);
		loop->continues = continues;
	}
	loop->call = *call;
	loop->slept = 0;
	loop->unseen_exit = UNSEEN_EXIT_NO;
	loop->preempted_ns = 0; /* of this edge: the call is entered, so it was poll time */
	loop->state = LOOP_POLL;
	loop_sequence_bump(loop);
	return missed;
}

static inline void loop_end_sleep(struct loop *loop)
{
	if (loop->slept && loop->wake_from_ns) {
		loop_count_ns(loop, HISTOGRAM_WAKE, loop->wake_pending_ns);
		loop->wake_quota_ns += loop->wake_quota_pending_ns;
		loop->wake_runqueue_ns += loop->wake_pending_ns - loop->wake_quota_pending_ns;
	}
	loop->slept = 0;
	loop->wake_from_ns = 0;
}

/* Wait call returned. Returns 0, or 1 if its entry was missed. */
static inline int loop_wait_exit(struct loop *loop, __u64 now, __s64 result)
{
	int missed = loop->state != LOOP_POLL;

	loop_sequence_bump(loop);
	if (!missed) {
		loop_charge_poll(loop, now);
		loop_end_sleep(loop);
		loop->gap = result == LOOP_EINTR || (result == 0 && loop->call.zero_timeout &&
					     loop->call.libuv_like && loop->prepoll >= 0);
		loop->interval_start_ns = now;
		if (!loop->gap)
			loop_count_ns(loop, HISTOGRAM_POLL, now - loop->poll_start_ns);
		if (!loop->continues)
			loop->iterations++;
		loop->state = LOOP_BUSY;
	}
	if (result > 0) {
		loop->events += result;
		loop->batch += result;
	}
	loop->last_return = result;
	loop->unseen_exit = UNSEEN_EXIT_NO;
	loop_sequence_bump(loop);
	return missed;
}

/* Why a thread left the CPU. */
struct switch_out {
	enum cause cause; /* CAUSE_RUNQUEUE: it did not sleep */
	__s32 syscall_nr; /* it sleeps in; else -1 */
	_Bool in_wait;	  /* that is a wait call */
	__u64 throttled_ns; /* the throttled clock of its queue */
	__u64 queue;
	__s64 clock_offset_ns;
};

/*
 * A thread that sleeps tells where it is, and so which edge was missed: in a
 * wait call it is not busy, and in another call it does not poll. Returns 1 if
 * one was missed.
 */
static inline int loop_heal(struct loop *loop, __u64 now, const struct switch_out *out,
			    __u64 blocking_ns)
{
	if (loop->state == LOOP_BUSY && out->in_wait) {
		if (loop->unseen_exit == UNSEEN_EXIT_PRESUMED) {
			loop_charge_cpu(loop, now);
			loop->iterations--;
			loop->unseen_exit = UNSEEN_EXIT_ASLEEP;
			loop->state = LOOP_POLL;
			return 0;
		}
		loop_wait_enter(loop, now, &loop->call, blocking_ns);
		return 1;
	}
	if (loop->state == LOOP_POLL && !out->in_wait && out->syscall_nr >= 0) {
		loop_wait_exit(loop, now, 0);
		return 1;
	}
	return 0;
}

/* Returns 1 if an edge before it was missed. */
static inline int loop_switch_out(struct loop *loop, __u64 now, const struct switch_out *out,
				  __u64 blocking_ns)
{
	int missed;

	if (loop_in_edge(loop)) {
		loop->off_ns = now;
		return 0;
	}
	missed = loop_heal(loop, now, out, blocking_ns);
	loop_sequence_bump(loop);
	if (loop->state == LOOP_BUSY) {
		if (loop->gap)
			loop_end_gap(loop);
		loop_charge_cpu(loop, now);
	} else if (out->cause != CAUSE_RUNQUEUE) {
		loop->slept = 1;
		loop->wake_from_ns = 0;
	}
	loop->away = out->cause;
	loop->away_nr = out->syscall_nr;
	loop->off_ns = now;
	loop->clock_offset_ns = out->clock_offset_ns;
	if (out->cause == CAUSE_RUNQUEUE) {
		loop->throttle.queue = out->queue;
		loop->throttle.base_ns = out->throttled_ns;
		loop->throttle.done_ns = 0;
	}
	loop_sequence_bump(loop);
	return missed;
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

	/* another queue without a migration: its cgroup was changed; what was before is not known */
	if (queue == loop->throttle.queue && throttled_ns > loop->throttle.base_ns)
		quota += throttled_ns - loop->throttle.base_ns;
	return quota < wait_ns ? quota : wait_ns;
}

static inline void loop_charge_syscall(struct loop *loop, __s32 nr, __u64 ns)
{
	struct window_syscall *slot = 0;
	__u32 i;

	loop->edges++;
	for (i = 0; i < RECORD_NR_SYSCALLS - 1; i++) {
		if (i >= loop->nr_syscalls || loop->syscalls[i].nr == nr) {
			slot = &loop->syscalls[i];
			break;
		}
	}
	if (!slot) {
		slot = &loop->syscalls[RECORD_NR_SYSCALLS - 1];
		nr = RECORD_SYSCALL_OTHER;
	}
	if (i >= loop->nr_syscalls)
		loop->nr_syscalls = i + 1;
	slot->nr = nr;
	slot->count++;
	slot->time_ns += ns;
}

/* What loop_switch_in did not know. */
enum switch_miss {
	SWITCH_MISS_NONE = 0,
	SWITCH_MISS_WAKING,
	SWITCH_MISS_OUT,
};

static inline enum switch_miss loop_busy_switch_in(struct loop *loop, __u64 now, __u64 queue,
						   __u64 throttled_ns)
{
	enum switch_miss miss = SWITCH_MISS_NONE;
	__u64 quota;

	if (loop->away == LOOP_ON_CPU) {
		loop_charge_cpu(loop, now);
		return SWITCH_MISS_OUT;
	}
	if (loop->away != CAUSE_RUNQUEUE) {
		__u64 woken = loop_woken_ns(loop, now);

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
		quota = loop_quota_ns(loop, now - loop->mark_ns, queue, throttled_ns);
		loop->cause_ns[CAUSE_CPU_QUOTA] += quota;
		loop->mark_ns += quota;
		loop_charge(loop, CAUSE_RUNQUEUE, now);
	}
	return miss;
}

/* Within a wait call only the delay of the wake-up matters: all of it is poll time. */
static inline enum switch_miss loop_poll_switch_in(struct loop *loop, __u64 now, __u64 queue,
						   __u64 throttled_ns)
{
	if (loop->away == LOOP_ON_CPU)
		return SWITCH_MISS_OUT;
	if (!loop->slept)
		return SWITCH_MISS_NONE;
	if (loop->away != CAUSE_RUNQUEUE) {
		loop->wake_from_ns = loop_woken_ns(loop, now);
		loop->wake_quota_pending_ns = 0;
		if (!loop->wake_from_ns)
			return SWITCH_MISS_WAKING;
	}
	if (!loop->wake_from_ns)
		return SWITCH_MISS_NONE;
	loop->wake_pending_ns = now - loop->wake_from_ns;
	loop->wake_quota_pending_ns += loop_quota_ns(
		loop, loop->wake_pending_ns - loop->wake_quota_pending_ns, queue, throttled_ns);
	return SWITCH_MISS_NONE;
}

static inline enum switch_miss loop_switch_in(struct loop *loop, __u64 now, __u64 queue,
					      __u64 throttled_ns)
{
	enum switch_miss miss;

	if (loop_in_edge(loop)) {
		loop->preempted_ns += now > loop->off_ns ? now - loop->off_ns : 0;
		return SWITCH_MISS_NONE;
	}
	loop_sequence_bump(loop);
	if (loop->state == LOOP_BUSY)
		miss = loop_busy_switch_in(loop, now, queue, throttled_ns);
	else
		miss = loop_poll_switch_in(loop, now, queue, throttled_ns);
	loop->away = LOOP_ON_CPU;
	loop->in_ns = now;
	loop_sequence_bump(loop);
	if (loop->unseen_exit == UNSEEN_EXIT_ASLEEP && loop->state == LOOP_POLL) {
		loop_wait_exit(loop, now, 0);
		loop->unseen_exit = UNSEEN_EXIT_PRESUMED;
	}
	return miss;
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

/* The thread exits or becomes another program: what is open ends here. */
static inline void loop_finish(struct loop *loop, __u64 now, __u64 blocking_ns)
{
	loop_sequence_bump(loop);
	if (loop->state == LOOP_BUSY) {
		loop_charge_cpu(loop, now);
		loop_end_busy(loop, now, blocking_ns);
		loop->interval_start_ns = now;
	} else {
		loop_charge_poll(loop, now);
	}
	loop_sequence_bump(loop);
}

/*
 * Charges the open span, up to now, to a copy: `window` holds the loop's own
 * totals. throttled_ns is the clock of the queue it waits in, if it waits.
 */
static inline void loop_snapshot_open(const struct loop *loop, __u64 now, __u64 throttled_ns,
				      struct loop_window *window)
{
	__u64 mark = loop->mark_ns;
	__u64 woken, quota;

	window->interval_start_ns = loop->interval_start_ns;
	window->state = loop->state;
	window->cause = CAUSE_CPU;
	window->syscall_nr = -1;
	if (now < mark)
		now = mark;
	window->header.time_ns = now;
	if (loop->state == LOOP_POLL ||
	    (loop->gap && loop->away == LOOP_ON_CPU && now - loop->interval_start_ns <= LOOP_GAP_NS)) {
		window->state = LOOP_POLL;
		if (loop->gap && loop->state == LOOP_BUSY)
			window->interval_start_ns = loop->poll_start_ns;
		window->poll_ns += now - mark;
		return;
	}
	if (loop->away == LOOP_ON_CPU) {
		window->cause_ns[CAUSE_CPU] += now - mark;
		return;
	}
	woken = mark;
	if (loop->away != CAUSE_RUNQUEUE) {
		woken = loop_woken_ns(loop, now);
		if (!woken) {
			__u32 cause = (__u32)loop->away;

			window->cause = cause;
			window->syscall_nr = loop->away_nr;
			if (cause < NR_CAUSES)
				window->cause_ns[cause] += now - mark;
			return;
		}
		if (woken > mark && (__u32)loop->away < NR_CAUSES)
			window->cause_ns[(__u32)loop->away] += woken - mark;
		else
			woken = mark;
	}
	quota = loop_quota_ns(loop, now - woken, loop->throttle.queue, throttled_ns);
	window->cause_ns[CAUSE_CPU_QUOTA] += quota;
	window->cause_ns[CAUSE_RUNQUEUE] += now - woken - quota;
	window->cause = quota ? CAUSE_CPU_QUOTA : CAUSE_RUNQUEUE;
}

#endif
