/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stalls put together from their records and stacks, in the order in which those come out of
 * symbols.h or a recording. Pure: no I/O, no clock.
 */
#ifndef LOOPSCOPE_STALLS_H
#define LOOPSCOPE_STALLS_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "model/report.h"
#include "model/stack.h"

/* A stack stands for the time since the one before it, or the stall's beginning; the last one for
 * the rest, too. So the weights of a stall that has stacks sum to its duration. */
struct stall_stack {
	struct stack *stack;
	__u64 weight_ns;
	__u64 spent_ns; /* what of the stall was spent in it, by its causes: see stall_split.h */
};

enum stall_state {
	STALL_GOES_ON,
	STALL_ENDED,
	STALL_LOST, /* its end was not told: the ring was full, or a ceiling held it back */
};

struct stall {
	struct loop_id id;
	__u64 process_start_ns;
	__u64 cgroup_id;
	char thread[RECORD_COMM_LEN];
	char process[RECORD_COMM_LEN];
	enum wait_family family;
	enum stall_state state;
	bool unseen;    /* it began before anyone watched: start_ns is the latest that can be */
	__u64 start_ns; /* CLOCK_MONOTONIC */
	__u64 until_ns; /* last heard of; its end */
	__u64 blocking_ns;
	__u64 cause_ns[NR_CAUSES]; /* sum to until_ns - start_ns */
	enum cause cause;          /* what it does; once ended, what most of it went on */
	int syscall_nr;
	unsigned int nr_syscalls;
	struct window_syscall syscalls[STALL_NR_SYSCALLS];
	bool thread_exited; /* that was its end */
	bool woken;
	struct stall_waker waker;
	struct stack_holder holder; /* the latest known */
	bool holder_is_news;        /* nothing later was told of the stall */
	bool awaits_stack;          /* one was announced, and is not there yet */
	__u64 stalls_held, stacks_held;
	size_t nr_stacks, stack_bytes;
	struct stall_stack *stacks;
};

/*
 * The frame to blame: of those of the application that at least half of the stall was spent under
 * the one with the least, so the innermost; one with a name before one without. NULL if there is
 * none, as where stacks do not tell of half of it. While it goes on, and nothing is so sure, what
 * its last stack shows. What is stopped is nobody's doing. *ret_stack, if not NULL, is a stack that
 * it stands in, or the one in which most was spent. Owned by the stall.
 */
const struct stack_frame *stall_culprit(const struct stall *stall, const struct stack **ret_stack);

/*
 * Who has the lock that it waits for; once ended, who had the one that it waited for, if who woke
 * it is not known. NULL: nobody can be named. Owned by the stall.
 */
const struct stack_holder *stall_holder(const struct stall *stall);

/* What its last stack shows, which *ret_stack is set to if there is one; NULL: nothing to blame. */
const struct stack_frame *stall_culprit_now(const struct stall *stall,
					    const struct stack **ret_stack);

enum stall_event {
	STALL_EVENT_BEGUN, /* it, and its first stack, if there is to be one, are there */
	STALL_EVENT_LASTS, /* older, or another stack */
	STALL_EVENT_ENDED, /* for good: forgotten after the call */
};

typedef int (*stall_event_fn)(enum stall_event event, const struct stall *stall, void *context);

struct stalls;

struct stalls_options {
	unsigned int max_open;   /* stalls at once; beyond, the longest unheard is lost */
	unsigned int max_stacks; /* of a stall; beyond, the one that stands for least is dropped */
	size_t max_stack_bytes;  /* of all stalls; beyond, who has most gives. 0: the default */
	__u64 blocking_ns;       /* threads not seen to wait stall from that age on */
	stall_event_fn event;    /* a non-zero return is returned by who takes */
	void *context;
};

/* -ENOMEM. stalls_free takes NULL. */
int stalls_new(const struct stalls_options *options, struct stalls **ret_stalls);
void stalls_free(struct stalls *stalls);
DEFINE_CLEANUP(struct stalls *, stalls_free)

/* -EBADMSG: malformed, nothing changed. Windows tell of an end that was lost; others are passed. */
int stalls_take_record(struct stalls *stalls, const void *record, size_t size);
int stalls_take_stack(struct stalls *stalls, const void *data, size_t size);

/* A thread not seen to wait, busy for at least report->current_busy_ns, as of now. */
int stalls_take_unseen(struct stalls *stalls, const struct loop_report *report, __u64 now_ns);

/* All that are unseen now have been taken: those that were not are so no more. */
int stalls_end_unseen(struct stalls *stalls);

/* As of now: stacks that have not come for a second are no longer awaited, nor ends for long. */
int stalls_advance(struct stalls *stalls, __u64 now_ns);

/* Nothing follows: the open ones are told as ended, in the state that they are in. */
int stalls_finish(struct stalls *stalls);

/* How many stacks there was no room for, ever, by their bytes. */
__u64 stalls_stacks_held(const struct stalls *stalls);

/* The open stall of a loop; NULL: none. Valid until the next call that takes. */
const struct stall *stalls_of(const struct stalls *stalls, const struct loop_id *id);

#endif
