/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which waits are a loop's own. A thread has one own source of events at a
 * time: an epoll descriptor, a ring, an aio context; poll and select name none,
 * so there it is the depth of the stack that the call is made from. What the
 * thread waits for elsewhere is a blocking call, made by a callback, unless it
 * goes on doing so. Pure, as loop.h is.
 */
#ifndef LOOPSCOPE_WAIT_SOURCE_H
#define LOOPSCOPE_WAIT_SOURCE_H

#include "loop.h"

#define WAIT_NO_SOURCE (-1)
#define WAIT_REGISTERED_RING (-2) /* and below: the rings of a thread's own table */

/* Two stack pointers nearer than this are on one stack. */
#define WAIT_STACK_BYTES (1 << 20)

/* An array of events this near above the stack pointer is on the stack. */
#define WAIT_EVENTS_ON_STACK (1 << 16)
#define WAIT_EVENT_BYTES 12

#define WAIT_SAME_ARRAY_BYTES 4096
#define WAIT_SAME_FRAME_BYTES 256

/* Waiting elsewhere so often, and for so long, is no callback's doing any more. */
#define WAIT_ELSEWHERE_MANY 64
#define WAIT_ELSEWHERE_LONG_NS 10000000000ULL

/*
 * Of tokio 1.38 to 1.54, in debug and release builds, parks were seen from 152 bytes below its wait
 * calls to 296 above, and its pool's waits from 584 above on. Erlang's schedulers park 248 above.
 */
#define WAIT_PARK_FRAME_BYTES 512
#define WAIT_PARKS_SURE 8 /* so many parks are soon outnumbered, when the thread parks elsewhere */
#define WAIT_MUTEX_CONTENDED 2 /* a contended mutex of glibc's, or of Rust's library */

/* What makes a loop of a thread that has no epoll descriptor. */
#define WAIT_EVIDENCE_ITERATIONS 8
#define WAIT_EVIDENCE_NS 500000000ULL

static inline _Bool wait_family_is_sure(enum wait_family family)
{
	return family == WAIT_EPOLL;
}

static inline _Bool wait_family_has_source(enum wait_family family)
{
	return family != WAIT_POLL && family != WAIT_SELECT;
}

/*
 * An interpreter that learns calls the same function from other depths, by a little. What it
 * waits for is then still in the same array, or in the same place of the same frame.
 */
static inline _Bool wait_place_is_own(const struct wait_call *own, const struct wait_call *call)
{
	__s64 above = call->sp - own->sp;

	if (!above)
		return 1;
	if (above > WAIT_SAME_ARRAY_BYTES || above < -WAIT_SAME_ARRAY_BYTES)
		return 0;
	if (call->events == own->events)
		return call->events != 0;
	return above <= WAIT_SAME_FRAME_BYTES && above >= -WAIT_SAME_FRAME_BYTES &&
	       call->events - call->sp == own->events - own->sp;
}

static inline _Bool wait_call_is_own(const struct loop *loop, const struct wait_call *call)
{
	if (call->family != loop->call.family)
		return 0;
	if (wait_family_has_source((enum wait_family)call->family))
		return call->source == loop->call.source;
	return wait_place_is_own(&loop->call, call);
}

/* Where the frame of the function that waits begins, were it not for its array of events. */
static inline __u64 wait_call_depth(const struct wait_call *call)
{
	if (call->family == WAIT_EPOLL && call->events - call->sp < WAIT_EVENTS_ON_STACK)
		return call->events + (__u64)call->max_events * WAIT_EVENT_BYTES;
	return call->sp;
}

/* A callback's waits are deeper in the stack than those of the loop that called it. */
enum wait_depth {
	DEPTH_INNER,
	DEPTH_OUTER,
	DEPTH_ELSEWHERE, /* another stack: nothing can be told */
};

static inline enum wait_depth wait_call_compare(const struct loop *loop,
						const struct wait_call *call)
{
	__s64 above = wait_call_depth(call) - wait_call_depth(&loop->call);

	if (above >= WAIT_STACK_BYTES || above <= -WAIT_STACK_BYTES)
		return DEPTH_ELSEWHERE;
	return above < 0 ? DEPTH_INNER : DEPTH_OUTER;
}

enum wait_elsewhere {
	ELSEWHERE_NESTED,  /* a blocking call */
	ELSEWHERE_OWN,     /* from now on this is the loop's source */
	ELSEWHERE_CHANGES, /* the loop is over, and another begins */
};

/* Counts waits on one thing, one after the other. */
static inline void loop_note_other(struct loop *loop, __u64 now, const struct wait_call *call)
{
	struct other_wait *other = &loop->other;

	if (!other->count || other->family != call->family || other->source != call->source ||
	    other->sp != call->sp) {
		other->family = call->family;
		other->source = call->source;
		other->sp = call->sp;
		other->since_ns = now;
		other->count = 0;
	}
	if (other->count < WAIT_ELSEWHERE_MANY)
		other->count++;
}

/*
 * source_gone: the descriptor that the loop waits on has been closed since. While it is open
 * a wait deeper in the stack is nested, however long it goes on: a database's backend waits
 * thousands of times within one query. Without a descriptor that is not known for as sure.
 */
static inline enum wait_elsewhere
loop_wait_elsewhere(struct loop *loop, __u64 now, const struct wait_call *call, _Bool source_gone)
{
	_Bool same_family = call->family == loop->call.family;
	_Bool surer = wait_family_is_sure((enum wait_family)call->family) &&
		      !wait_family_is_sure((enum wait_family)loop->call.family);
	enum wait_depth depth;

	if (call->family == WAIT_NONE || call->zero_timeout)
		return ELSEWHERE_NESTED;
	depth = wait_call_compare(loop, call);
	if (same_family && (source_gone || depth == DEPTH_OUTER))
		return ELSEWHERE_OWN;
	loop_note_other(loop, now, call);
	if (loop->other.count > 1 && (source_gone || surer))
		return ELSEWHERE_CHANGES;
	if ((depth == DEPTH_INNER && wait_family_has_source((enum wait_family)loop->call.family)) ||
	    loop->other.count < WAIT_ELSEWHERE_MANY ||
	    now - loop->other.since_ns < WAIT_ELSEWHERE_LONG_NS)
		return ELSEWHERE_NESTED;
	return same_family ? ELSEWHERE_OWN : ELSEWHERE_CHANGES;
}

/*
 * Whether a thread that waits otherwise than on an epoll descriptor is to be
 * called a loop: it has come round several times, or waits since some time, and
 * is no worker that now and then polls and is idle on a lock for four fifths of its life.
 */
static inline _Bool loop_has_evidence(const struct loop *loop, __u64 now)
{
	__u64 open = now > loop->mark_ns ? now - loop->mark_ns : 0;
	__u64 lock = loop->cause_ns[CAUSE_LOCK], poll = loop->poll_ns;

	if (loop->state == LOOP_POLL)
		poll += open;
	else if (loop->away == CAUSE_LOCK)
		lock += open;
	if (lock / 4 > (now - loop->first_seen_ns) / 5)
		return 0;
	return loop->iterations >= WAIT_EVIDENCE_ITERATIONS || poll >= WAIT_EVIDENCE_NS;
}

/* What a futex wait was called with. */
struct futex_wait {
	__u64 sp;
	__u32 value;
	_Bool timed;
};

/*
 * A runtime waits from one or two frames. From a third: the thread has left its worker and is one
 * again, called from elsewhere, and its parks have moved as its wait calls have.
 */
static inline void loop_note_frame(struct loop *loop)
{
	__u64 sp = loop->call.sp;

	if (sp == loop->wait_sp || sp == loop->other_wait_sp)
		return;
	if (loop->other_wait_sp)
		loop->park_sp = 0;
	loop->other_wait_sp = loop->wait_sp;
	loop->wait_sp = sp;
}

/*
 * Whether the thread, which shares what it waits on with others of its process,
 * is idle on a futex while it is another's turn. It parks from a frame near to
 * that of its wait calls and always the same one; what a callback waits for is
 * deeper, though that may be above the wait calls' by a little. Parks below them
 * have no timeout. Farther up it has left the loop, and is idle in a pool.
 */
static inline _Bool loop_is_park(struct loop *loop, const struct futex_wait *futex)
{
	__s64 above = futex->sp - loop->call.sp;

	if (above >= WAIT_STACK_BYTES || above <= -WAIT_STACK_BYTES)
		return 0; /* a coroutine's stack */
	loop_note_frame(loop);
	if (above > WAIT_PARK_FRAME_BYTES) {
		loop->park_sp = 0; /* it may come back by another way */
		loop->parks = 1;
		return 1;
	}
	if (futex->sp == loop->park_sp) {
		loop->nr_parks += loop->nr_parks < WAIT_PARKS_SURE;
		loop->nr_outer = 0;
		return 1;
	}
	if (above < -WAIT_PARK_FRAME_BYTES || (above < 0 && futex->timed) ||
	    futex->sp < loop->park_sp || futex->value == WAIT_MUTEX_CONTENDED)
		return 0;
	/*
	 * The first is believed at once. One still nearer to the thread's beginning is no
	 * callback's either: a lock of the runtime's own, or its park, if it comes more often
	 * in a row.
	 */
	if (!loop->park_sp || ++loop->nr_outer > loop->nr_parks) {
		loop->park_sp = futex->sp;
		loop->nr_parks = 1;
		loop->nr_outer = 0;
	}
	loop->parks = 1;
	return 1;
}

#endif
