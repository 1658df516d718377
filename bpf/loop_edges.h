/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Transitions at the edges of a wait call, and what makes an iteration: which
 * calls continue the one before them. Pure, as loop.h is.
 */
#ifndef LOOPSCOPE_LOOP_EDGES_H
#define LOOPSCOPE_LOOP_EDGES_H

#include "loop.h"

/* The gap turned out to be work: the call before it was busy too, or a whole poll interval. */
static inline void loop_end_gap(struct loop *loop)
{
	loop->gap = 0;
	if (loop->call.zero_timeout)
		loop->interval_start_ns = loop->poll_start_ns;
	else
		loop_count_ns(loop, HISTOGRAM_POLL, loop->interval_start_ns - loop->poll_start_ns);
}

static inline void loop_end_busy(struct loop *loop, __u64 now)
{
	__u64 busy, coarse;

	if (loop->gap)
		loop_end_gap(loop);
	busy = now > loop->interval_start_ns ? now - loop->interval_start_ns : 0;
	coarse = busy >> 10;
	loop_count_ns(loop, HISTOGRAM_BUSY, busy);
	loop->busy_square_sum += coarse * coarse;
	if (busy >= loop->blocking_ns)
		loop_count_stall(loop, busy);
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
	return a->events == b->events && a->sp == b->sp && a->source == b->source &&
	       a->nr == b->nr && a->max_events == b->max_events;
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
 * After a poll with timeout 0 that is perhaps libuv's: it enters the next call in about as
 * much time as that poll took, whatever the machine; a callback takes several times that,
 * and more than our own programs do on a fast one.
 */
static inline _Bool loop_prepoll_gap_is_short(const struct loop *loop, __u64 now)
{
	__u64 gap = now - loop->interval_start_ns;

	if (!loop->gap || gap > LOOP_GAP_NS)
		return 0;
	return gap <= LOOP_PREPOLL_GAP_NS ||
	       2 * gap <= 3 * (loop->interval_start_ns - loop->poll_start_ns);
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
	if (!after_poll)
		loop->prepoll = LOOP_PREPOLL_NEVER;
	else if (!loop->gap) /* switched out of: nothing can be told */
		return;
	else if (!loop_prepoll_gap_is_short(loop, now) && loop->prepoll > LOOP_PREPOLL_DOUBT)
		loop->prepoll -= LOOP_PREPOLL_LONG;
	else if (loop_prepoll_gap_is_short(loop, now) && loop->prepoll < LOOP_PREPOLL_SURE)
		loop->prepoll++;
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
	if (loop->last_return != 0 || !loop->call.zero_timeout || call->zero_timeout)
		return 0;
	/* once this is known to be libuv's, an interrupt or a hypervisor may lengthen the gap */
	return loop->prepoll == LOOP_PREPOLL_SURE ||
	       (loop->prepoll > LOOP_PREPOLL_DOUBT && loop_prepoll_gap_is_short(loop, now));
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
	if (!asleep)
		loop->unseen_exit = UNSEEN_EXIT_NO;
	LOOP_BARRIER();
	loop->state = LOOP_POLL;
}

/*
 * Wait call entered, by a loop already watched. Returns 0, or 1 if the edge
 * before it was missed.
 */
static inline int loop_wait_enter(struct loop *loop, __u64 now, const struct wait_call *call)
{
	int missed = loop->state != LOOP_BUSY || loop->instant;

	loop_sequence_bump(loop);
	if (loop->state != LOOP_BUSY) {
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
			loop_end_busy(loop, now);
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
	if (call->zero_timeout) {
		loop->instant = INSTANT_CALL;
		loop->state = LOOP_BUSY;
	} else {
		loop->instant = INSTANT_NO;
		loop->preempted_ns = 0; /* of this edge: the call is entered, so it was poll time */
		loop->state = LOOP_POLL;
	}
	loop_sequence_bump(loop);
	return missed;
}

/*
 * What the loop waited on is closed: what was busy until then ends, and nobody
 * waits for the loop from now on.
 */
static inline void loop_close(struct loop *loop, __u64 at, enum loop_over over)
{
	loop_sequence_bump(loop);
	if (loop->state == LOOP_BUSY) {
		loop_charge_cpu(loop, at);
		loop_end_busy(loop, at);
		loop_end_batch(loop);
	}
	loop->preempted_ns = 0;
	loop->instant = INSTANT_NO;
	loop->interval_start_ns = at;
	loop->poll_start_ns = at;
	loop->state = LOOP_POLL;
	loop->over = over;
	loop_sequence_bump(loop);
}

/* It waits on another source of the same family, soon after: it was idle in between. */
static inline void loop_resume(struct loop *loop, __u64 now, const struct wait_call *call)
{
	loop_sequence_bump(loop);
	loop_charge_poll(loop, now);
	loop->interval_start_ns = now;
	loop->poll_start_ns = now;
	loop->call = *call;
	loop->last_return = 0;
	loop->slept = 0;
	loop->continues = 0;
	loop->away = LOOP_ON_CPU;
	loop->unseen_exit = UNSEEN_EXIT_NO;
	loop->over = OVER_NO;
	loop->instant = call->zero_timeout ? INSTANT_CALL : INSTANT_NO;
	loop->state = call->zero_timeout ? LOOP_BUSY : LOOP_POLL;
	loop_sequence_bump(loop);
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

/* A call that may wait has returned. */
static inline void loop_end_poll(struct loop *loop, __u64 now, __s64 result)
{
	loop_charge_poll(loop, now);
	loop_end_sleep(loop);
	loop->gap = result == LOOP_EINTR;
	loop->interval_start_ns = now;
	if (!loop->gap)
		loop_count_ns(loop, HISTOGRAM_POLL, now - loop->poll_start_ns);
	loop->state = LOOP_BUSY;
}

/* A call with timeout 0 has: if libuv's, a wait may begin by it. */
static inline void loop_end_instant(struct loop *loop, __u64 now, __s64 result)
{
	loop->gap = result == 0 && loop->instant == INSTANT_CALL && loop->call.libuv_like;
	if (loop->gap)
		loop->interval_start_ns = now;
	loop->instant = INSTANT_NO;
}

/* The kernel's own codes for a call that it will begin anew: see LOOP_EINTR. */
static inline __s64 loop_result(__s64 result)
{
	return result <= -512 && result >= -516 ? LOOP_EINTR : result;
}

/* Wait call returned. Returns 0, or 1 if its entry was missed. */
static inline int loop_wait_exit(struct loop *loop, __u64 now, __s64 result)
{
	int missed = loop->state != LOOP_POLL && !loop->instant;

	result = loop_result(result);
	loop_sequence_bump(loop);
	if (!missed) {
		if (loop->instant)
			loop_end_instant(loop, now, result);
		else
			loop_end_poll(loop, now, result);
		if (!loop->continues)
			loop->iterations++;
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

#endif
