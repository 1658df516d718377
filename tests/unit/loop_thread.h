/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A thread that drives the kernel side's state machine, and knows what is true of itself. */
#ifndef LOOPSCOPE_TESTS_LOOP_THREAD_H
#define LOOPSCOPE_TESTS_LOOP_THREAD_H

#include "loop_snapshot.h"
#include "unit.h"

#define BLOCKING_NS (50 * MS)
#define NR_WAIT 281
#define NR_OTHER 35
#define NR_FUTEX 202

/* A thread, the time, and what is true of it. */
struct thread {
	struct loop loop;
	uint64_t now;
	uint64_t poll_ns, cause_ns[NR_CAUSES];
	uint64_t throttled_ns; /* its queue's clock */
	struct wait_call call;
};

static inline struct wait_call call_of(int epfd, bool zero_timeout, bool libuv_like)
{
	struct wait_call call = {
		.events = 0x7000,
		.sp = libuv_like ? 0x6000 : 0x8000,
		.source = epfd,
		.max_events = 1024,
		.nr = NR_WAIT,
		.family = WAIT_EPOLL,
		.zero_timeout = zero_timeout,
		.libuv_like = libuv_like,
	};

	return call;
}

static inline void thread_start(struct thread *thread)
{
	*thread = (struct thread){.now = 1000 * MS, .call = call_of(5, false, false)};
	thread->loop.blocking_ns = BLOCKING_NS;
	loop_start(&thread->loop, thread->now, &thread->call, false);
}

static inline void enter(struct thread *thread, bool zero_timeout, bool libuv_like)
{
	thread->call = call_of(5, zero_timeout, libuv_like);
	loop_wait_enter(&thread->loop, thread->now, &thread->call);
}

static inline void leave(struct thread *thread, long result)
{
	loop_wait_exit(&thread->loop, thread->now, result);
}

static inline void poll_for(struct thread *thread, uint64_t ns)
{
	thread->now += ns;
	thread->poll_ns += ns;
}

static inline void spin(struct thread *thread, uint64_t ns)
{
	thread->now += ns;
	thread->cause_ns[CAUSE_CPU] += ns;
}

/* As the kernel side does it. Returns 1 if an edge before it was missed. */
static inline int switch_out(struct loop *loop, uint64_t now, const struct switch_out *out)
{
	int missed = loop_edge_missed(loop, out) && loop_heal(loop, now);

	loop_switch_out(loop, now, out);
	return missed;
}

static inline void switch_in(struct loop *loop, uint64_t now, const struct switch_in *in)
{
	loop_switch_in(loop, now, in);
	if (loop_exit_is_presumed(loop))
		loop_presume_exit(loop, now);
}

/* Sleeps, is woken, waits for a CPU, of which quota_ns throttled. */
static inline void off_cpu(struct thread *thread, enum cause cause, int nr, uint64_t sleep_ns,
			   uint64_t wait_ns, uint64_t quota_ns)
{
	struct switch_out out = {.cause = cause,
				 .syscall_nr = nr,
				 .in_wait = nr == NR_WAIT,
				 .queue = 1,
				 .throttled_ns = thread->throttled_ns};

	switch_out(&thread->loop, thread->now, &out);
	thread->now += sleep_ns;
	if (cause != CAUSE_RUNQUEUE)
		loop_waking(&thread->loop, thread->now, 1, thread->throttled_ns);
	thread->throttled_ns += quota_ns;
	thread->now += wait_ns;
	switch_in(&thread->loop, thread->now,
		  &(struct switch_in){.queue = 1, .throttled_ns = thread->throttled_ns});
	if (out.in_wait) {
		thread->poll_ns += sleep_ns + wait_ns;
		return;
	}
	thread->cause_ns[cause] += sleep_ns;
	thread->cause_ns[CAUSE_CPU_QUOTA] += quota_ns;
	thread->cause_ns[CAUSE_RUNQUEUE] += wait_ns - quota_ns;
}

#endif
