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
 * scheduler switching it. Three exceptions. sched_waking and sched_migrate_task
 * run elsewhere and write `waking_ns` and `throttle` alone. The walk writes what
 * it sent: epoch, sent_epoch, edges_sent, asked; and over and blocking_ns. And
 * where programs can be preempted, a switch may come in the middle of an edge: it
 * then notes how long the thread was away, and changes nothing.
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

/*
 * How sure the zero-timeout poll is to be libuv's: beyond the doubt ever surer. Time
 * that speaks against it weighs more, and a wait without such a poll is nearly a proof.
 */
#define LOOP_PREPOLL_SURE 8
#define LOOP_PREPOLL_DOUBT (-8)
#define LOOP_PREPOLL_LONG 4
#define LOOP_PREPOLL_NEVER (-64)
#define LOOP_PREPOLL_GAP_NS 1000

/* busy, poll, wake: the first histograms */
#define NR_LOOP_MAXIMA HISTOGRAM_EVENTS

/* So poll ends, too, when a signal comes: if nobody handles it, to be begun again at once. */
#define LOOP_EINTR (-4)
#define LOOP_CAUSE_SLOTS \
	8                /* causes, to the next power of two: an index is masked for the verifier */
#define LOOP_ON_CPU (-1) /* loop.away: not away */

/*
 * fexit does not fire for a call entered before it was attached. A loop found
 * asleep in its wait call then returns, as far as we know, when it next runs.
 */
enum unseen_exit {
	UNSEEN_EXIT_NO = 0,
	UNSEEN_EXIT_ASLEEP,
	UNSEEN_EXIT_PRESUMED, /* it ran; taken back if it sleeps on in the same call */
	UNSEEN_EXIT_PARKED,   /* not a wait call but a futex, whose edges nobody watches */
};

/*
 * A wait call with timeout 0 does not wait: the loop stays busy in it, as
 * libuv's own accounting has it, unless it proves to be the start of a wait.
 */
enum loop_instant {
	INSTANT_NO = 0,
	INSTANT_CALL,    /* within such a call */
	INSTANT_CHARGED, /* and it was switched out in it: its time is charged */
};

/* How far a loop is from its end, which may come while its thread lives on. */
enum loop_over {
	OVER_NO = 0,
	OVER_CLOSED, /* it closed its source: idle, unless it goes on with another one soon */
	OVER_LOST,   /* the source was found closed: nothing is charged from then on */
	OVER_TOLD,   /* its last window is sent */
};

struct loop_bucket {
	__u64 count;
	__u64 sum;
};

/* The arguments that tell one wait call of a thread from another. */
struct wait_call {
	__u64 events; /* where they are to be put */
	__u64 sp;
	__s32 source;     /* descriptor, or what else tells what is waited on: see wait_source.h */
	__u32 max_events; /* or descriptors, of poll and select */
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

/* What the thread last waited on that is not the loop's own source, and how often in a row. */
struct other_wait {
	__u64 sp;
	__u64 since_ns;
	__s32 source;
	__u8 family;
	__u8 reserved;
	__u16 count; /* 0: nothing since the loop's own last wait */
};

struct loop {
	__u32 sequence;   /* odd while the state is written */
	__u8 state;       /* enum loop_state; 0: not yet watched */
	__s8 away;        /* LOOP_ON_CPU, or the enum cause of the present switch-out */
	__u8 gap;         /* busy since `interval_start_ns`, perhaps for a gap only */
	__u8 continues;   /* the present wait call continues the iteration before it */
	__u8 slept;       /* within the present wait call */
	__u8 unseen_exit; /* enum unseen_exit */
	__s8 prepoll;     /* whether zero-timeout polls look like libuv's: NEVER .. SURE */
	__u8 instant;     /* enum loop_instant */
	__s32 away_nr;    /* system call of `away` */
	__u32 asked;      /* by the walk, to send its own window at the next edge */

	__u64 mark_ns;
	__u64 interval_start_ns;
	__u64 poll_start_ns;
	__u64 preempted_ns; /* off CPU in the middle of an edge, not yet charged */
	__u64 in_ns;        /* last switched in */
	__u64 off_ns;       /* last switched out */
	__u64 waking_ns;
	__u64 wake_from_ns; /* when the last sleep of this wait call was ended */
	__u64 wake_quota_pending_ns;
	__u64 wake_pending_ns; /* the delay since, committed when the call returns */
	struct loop_throttle throttle;
	__u64 run_delay_ns;    /* the scheduler's sum of waits for a CPU, at the last switch-out */
	__s64 clock_offset_ns; /* CLOCK_MONOTONIC minus the run queue's clock */

	struct wait_call call; /* the last of the loop's own */
	__s64 last_return;
	__u64 batch; /* events of the present iteration */

	/* Whose waits are whose: see wait_source.h. */
	struct other_wait other;
	__u64 source_kind;   /* file_operations of what call.source is; 0: not known */
	__u64 wait_sp;       /* from where it was last seen to wait before it parked, */
	__u64 other_wait_sp; /* and from where before that */
	__u64 park_sp;       /* from where the thread parks on a futex; 0: not known */
	__u32 completions;   /* of a ring, at the last return: a counter that wraps */
	__u32 over;          /* enum loop_over; who sets OVER_TOLD sends the last window */
	__u8 nested;         /* within a wait that is not the loop's own */
	__u8 needs_evidence; /* before it is shown */
	__u8 shares_source;  /* with other threads of its process */
	__u8 parks;          /* it has been seen to */
	__u8 nr_parks;       /* at park_sp, up to WAIT_PARKS_SURE */
	__u8 nr_outer;       /* since then, waits nearer to the thread's beginning */
	__u8 reserved_here[2];

	/* What the window record carries; see record.h. */
	__u64 first_seen_ns;
	__u64 poll_ns;
	__u64 cause_ns[LOOP_CAUSE_SLOTS];
	__u64 iterations;
	__u64 events;
	__u64 stalls[LOOP_CAUSE_SLOTS];
	__u64 busy_square_sum;
	__u64 wake_runqueue_ns;
	__u64 wake_quota_ns;
	__u64 blocking_ns; /* the threshold of a stall */

	/*
	 * cause_ns as it was at the first switch-out of the busy interval that began at
	 * `before_start_ns`: what a stall went on. An interval without one was all `cpu`.
	 */
	__u64 before_start_ns;
	__u64 cause_before_ns[LOOP_CAUSE_SLOTS];

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
	__u64 edges;       /* times histograms or system calls changed */
	__u64 edges_sent;  /* as of the last record */

	struct loop_id id;
	__u64 process_start_ns;
	__u64 cgroup_id;
	__u32 kernel_tid; /* in the initial pid namespace */
	__u32 nr_syscalls;
	__u32 syscall_at; /* the row last charged */
	__u32 reserved_too;
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

static inline void loop_count_time(struct loop *loop, enum loop_histogram histogram, __u64 ns)
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

/* Before the first switch-out of a busy interval is charged. */
static inline void loop_note_causes(struct loop *loop)
{
	if (loop->before_start_ns == loop->interval_start_ns)
		return;
	loop->before_start_ns = loop->interval_start_ns;
	for (__u32 i = 0; i < LOOP_CAUSE_SLOTS; i++)
		loop->cause_before_ns[i] = loop->cause_ns[i];
}

/* What most of the busy interval went on that ends now, charged in full. */
static inline __u32 loop_dominant_cause(const struct loop *loop, __u64 busy_ns)
{
	__u64 cpu = busy_ns, most = 0;
	__u32 dominant = CAUSE_CPU;

	if (loop->before_start_ns != loop->interval_start_ns)
		return CAUSE_CPU;
	for (__u32 i = CAUSE_CPU + 1; i < LOOP_CAUSE_SLOTS; i++) {
		__u64 spent = loop->cause_ns[i] - loop->cause_before_ns[i];

		cpu -= spent < cpu ? spent : cpu;
		if (spent > most) {
			most = spent;
			dominant = i;
		}
	}
	return most > cpu ? dominant : CAUSE_CPU;
}

/*
 * In the kernel global functions, of transitions.bpf.c: the verifier then takes
 * the search for a bucket once, not once for each path that leads here.
 */
#ifdef __bpf__
extern int loop_count_ns(struct loop *loop, __u32 histogram, __u64 ns);
extern int loop_count_stall(struct loop *loop, __u64 busy_ns);
#else
static inline int loop_count_ns(struct loop *loop, __u32 histogram, __u64 ns)
{
	loop_count_time(loop, (enum loop_histogram)histogram, ns);
	return 0;
}

static inline int loop_count_stall(struct loop *loop, __u64 busy_ns)
{
	loop->stalls[loop_dominant_cause(loop, busy_ns)]++;
	return 0;
}
#endif

#endif
