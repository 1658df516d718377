/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is kept of a loop's present busy interval beside its state, and of the stall that it may
 * become: what it slept in, who woke it, what has been told, and the ceilings of that. Pure, as
 * loop.h is.
 *
 * Writers: the thread itself, or the scheduler switching it, of what it slept in; sched_waking, on
 * another CPU, of `waking` alone; the walk, of `blocking_ns`; whoever takes `begun_ns` by exchange,
 * of what is told: the thread's own timer tick or the watch, seldom both at once.
 */
#ifndef LOOPSCOPE_LOOP_STALL_H
#define LOOPSCOPE_LOOP_STALL_H

#include "loop_snapshot.h"
#include "stall.h"

/* Who ended a shorter sleep than that, or ended one this early, did not end the stall. */
#define STALL_WAKER_SHARE 8 /* of the threshold */

/* Stacks come at distances that grow with the stall's age, and never closer than the first. */
#define STALL_STACK_MIN_NS 5000000ULL
#define STALL_STACK_SHARE 8 /* of its age */

#define STALL_SAME_STACKS 2

/* Told again that it lasts: from then on at every doubling of its age: see STALL_LASTS_MAX_NS. */
#define STALL_LASTS_FIRST_NS 1000000000ULL

#define STALL_MINUTE_NS 60000000000ULL

/* Of the stall that began at `begun_ns`. */
enum stall_told {
	STALL_OVER = 0,
	STALL_TOLD,
	STALL_HELD_BACK, /* by a ceiling: nothing of it is told */
};

struct stall {
	/* Of the busy interval that began at `interval_ns`. */
	__u64 interval_ns;
	__u64 chain_ns; /* slept in calls of chain_nr in a row, until a thread ends it */
	__u64 woken_ns; /* the longest such chain, ended by `waker` */
	__s32 chain_nr;
	__u32 nr_syscalls;
	struct stall_waker waker;
	struct window_syscall syscalls[STALL_NR_SYSCALLS];

	__u64 blocking_ns; /* what the loop's threshold is to be; 0: what it is */

	struct stall_waker waking; /* who made it runnable last; pid 0: an interrupt */

	__u64 begun_ns; /* the start of the last stall looked at */
	__u64 stack_ns; /* its last stack, or the attempt */
	__u64 switches; /* of the thread, at its last stack asleep */
	__u64 lasts_ns; /* when it was last told of */
	__u32 told;     /* enum stall_told */
	__u32 nr_stacks;
	__u32 nr_same; /* stacks of the same sleep */
	__u32 reserved;

	__u64 minute_ns; /* the ceilings' present minute */
	__u32 minute_stalls;
	__u32 minute_stacks;
	__u64 stalls_held;
	__u64 stacks_held;
};

/* When the open busy interval began, as loop_end_gap will have it. */
static inline __u64 loop_busy_start(const struct loop *loop)
{
	return loop->gap && loop->call.zero_timeout ? loop->poll_start_ns : loop->interval_start_ns;
}

/* Whether the loop's open busy interval has become a stall. */
static inline _Bool loop_is_overdue(const struct loop *loop, __u64 now)
{
	__u64 start = loop_busy_start(loop);

	return loop->state == LOOP_BUSY && !loop->over && !loop_in_edge(loop) && now > start &&
	       now - start >= loop->blocking_ns;
}

/* A stall that has begun ends by the threshold that it began by: another one is for later ones. */
static inline void stall_take_threshold(const struct stall *stall, struct loop *loop)
{
	if (stall->blocking_ns && !loop_in_edge(loop) && stall->begun_ns != loop_busy_start(loop))
		loop->blocking_ns = stall->blocking_ns;
}

static inline void stall_of_interval(struct stall *stall, __u64 interval_ns)
{
	if (stall->interval_ns == interval_ns)
		return;
	stall->interval_ns = interval_ns;
	stall->chain_ns = 0;
	stall->woken_ns = 0;
	stall->chain_nr = -1;
	stall->nr_syscalls = 0;
}

/* The row of a system call; the last is for all that found none. */
static inline void stall_count_sleep(struct stall *stall, __s32 nr, __u64 slept_ns)
{
	__u32 at = STALL_NR_SYSCALLS - 1;
	struct window_syscall *row;

	for (__u32 i = 0; i < STALL_NR_SYSCALLS - 1; i++) {
		if (i < stall->nr_syscalls && stall->syscalls[i].nr != nr)
			continue;
		at = i;
		break;
	}
	row = &stall->syscalls[at & (STALL_NR_SYSCALLS - 1)];
	if (at >= stall->nr_syscalls) {
		stall->nr_syscalls = at + 1;
		row->nr = at == STALL_NR_SYSCALLS - 1 ? RECORD_SYSCALL_OTHER : nr;
		row->count = 0;
		row->time_ns = 0;
	}
	row->count++;
	row->time_ns += slept_ns;
}

/*
 * A sleep of the busy interval is over. Sleeps that an interrupt ends, as a timeout does, are one
 * wait with those after them in the same call: so CPython waits for its lock.
 */
static inline void stall_end_sleep(struct stall *stall, const struct loop *loop, __s32 nr,
				   __u64 slept_ns)
{
	stall_of_interval(stall, loop_busy_start(loop));
	stall_count_sleep(stall, nr, slept_ns);
	if (stall->chain_nr != nr)
		stall->chain_ns = 0;
	stall->chain_nr = nr;
	stall->chain_ns += slept_ns;
	if (!stall->waking.pid)
		return;
	if (stall->chain_ns > stall->woken_ns) {
		stall->woken_ns = stall->chain_ns;
		stall->waker = stall->waking;
	}
	stall->chain_ns = 0;
	stall->waking.pid = 0;
}

/* Whether it matters who ends the present sleep. */
static inline _Bool stall_wants_waker(const struct loop *loop, __u64 now)
{
	return loop->state == LOOP_BUSY && now > loop->interval_start_ns &&
	       (now - loop->interval_start_ns) * STALL_WAKER_SHARE >= loop->blocking_ns;
}

/* Whether the waker ended something that counts. */
static inline _Bool stall_is_woken(const struct stall *stall, const struct loop *loop)
{
	return stall->woken_ns && stall->woken_ns * STALL_WAKER_SHARE >= loop->blocking_ns;
}

static inline void stall_new_minute(struct stall *stall, __u64 now)
{
	if (stall->minute_ns && now - stall->minute_ns < STALL_MINUTE_NS)
		return;
	stall->minute_ns = now;
	stall->minute_stalls = 0;
	stall->minute_stacks = 0;
}

/* Whether a stall not told of yet is to be, by the ceiling; counted either way. */
static inline _Bool stall_begin(struct stall *stall, __u64 now, __u32 max_stalls)
{
	stall_new_minute(stall, now);
	stall->nr_stacks = 0;
	stall->stack_ns = 0;
	stall->lasts_ns = now;
	if (stall->minute_stalls >= max_stalls) {
		stall->told = STALL_HELD_BACK;
		stall->stalls_held++;
		return 0;
	}
	stall->minute_stalls++;
	stall->told = STALL_TOLD;
	return 1;
}

/* Whether a stack is due, and the ceiling lets it be taken. */
static inline _Bool stall_stack_due(struct stall *stall, __u64 start, __u64 now, __u32 max_stacks)
{
	__u64 distance = (now - start) / STALL_STACK_SHARE;

	if (stall->told != STALL_TOLD)
		return 0;
	if (distance < STALL_STACK_MIN_NS)
		distance = STALL_STACK_MIN_NS;
	if (stall->stack_ns && now - stall->stack_ns < distance)
		return 0;
	stall->stack_ns = now;
	stall_new_minute(stall, now);
	if (stall->minute_stacks >= max_stacks) {
		stall->stacks_held++;
		return 0;
	}
	stall->minute_stacks++;
	return 1;
}

/* Whether a stack of this sleep says anything new: a second one does, if the first failed. */
static inline _Bool stall_sleep_is_new(const struct stall *stall, __u64 switches)
{
	return !stall->nr_stacks || stall->switches != switches ||
	       stall->nr_same < STALL_SAME_STACKS;
}

static inline void stall_note_sleep(struct stall *stall, __u64 switches)
{
	if (stall->nr_stacks == 1 || stall->switches != switches)
		stall->nr_same = 0;
	stall->switches = switches;
	stall->nr_same++;
}

static inline _Bool stall_lasts_due(struct stall *stall, __u64 start, __u64 now)
{
	__u64 distance = stall->lasts_ns - start;

	if (stall->told == STALL_HELD_BACK && now - start >= STALL_LASTS_FIRST_NS) {
		stall->told = STALL_TOLD; /* so long ones are few, and may never end */
		stall->stalls_held--;
		stall->lasts_ns = now;
		return 1;
	}
	if (stall->told != STALL_TOLD)
		return 0;
	if (distance < STALL_LASTS_FIRST_NS)
		distance = STALL_LASTS_FIRST_NS - distance;
	if (distance > STALL_LASTS_MAX_NS)
		distance = STALL_LASTS_MAX_NS;
	if (now - stall->lasts_ns < distance)
		return 0;
	stall->lasts_ns = now;
	return 1;
}

/*
 * What the busy interval went on: `cause_ns` holds the loop's causes, the open span included, and
 * gets what has been added to them since the interval began, busy_ns ago.
 */
static inline void stall_causes(const struct loop *loop, __u64 busy_ns, __u64 *cause_ns)
{
	_Bool noted = loop->before_start_ns == loop_busy_start(loop);
	__u64 cpu = busy_ns;

	for (__u32 i = CAUSE_CPU + 1; i < NR_CAUSES; i++) {
		__u64 before = noted ? loop->cause_before_ns[i] : loop->cause_ns[i];
		__u64 spent = cause_ns[i] - before;

		if (spent > cpu)
			spent = cpu;
		cause_ns[i] = spent;
		cpu -= spent;
	}
	cause_ns[CAUSE_CPU] = cpu;
}

#endif
