/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Steps made of wait calls. Nothing but the clock is read between two calls
 * that are one wait: it must look like the programs it imitates.
 */
#include "loop.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* libuv's is 1024, on the stack. A full batch is to come by easily. */
#define UV_MAX_EVENTS 8

static __thread volatile uint64_t interrupted_ns; /* when the signal handler ran */

void wait_interrupted(int signal)
{
	(void)signal;
	interrupted_ns = now_ns();
}

static void arm_timer(struct loop *loop, unsigned int ms)
{
	struct itimerspec timer = {
		.it_value = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000},
	};

	if (timerfd_settime(loop->timer_fd, 0, &timer, NULL) < 0)
		give_up("timerfd_settime");
}

static void make_ready(struct loop *loop, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (eventfd_write(loop->ready_fds[i], 1) < 0)
			give_up("eventfd");
	}
}

/* Two descriptors, as a loop has: all that is watched, and one of which nothing comes. */
static int poll_call(struct loop *loop, const struct timespec *timeout)
{
	struct pollfd fds[] = {{.fd = loop->epfd, .events = POLLIN},
			       {.fd = loop->pipe_fds[1], .events = POLLIN}};
	int timeout_ms = timeout ? (int)(timeout->tv_sec * 1000 + timeout->tv_nsec / 1000000) : -1;

#ifdef SYS_poll
	if (loop->variant == VARIANT_POLL)
		return (int)syscall(SYS_poll, fds, 2, timeout_ms);
#endif
	(void)timeout_ms;
	return ppoll(fds, 2, timeout, NULL);
}

static int select_call(struct loop *loop, const struct timespec *timeout)
{
	int last = loop->epfd > loop->pipe_fds[1] ? loop->epfd : loop->pipe_fds[1];
	fd_set readable;

	FD_ZERO(&readable);
	FD_SET(loop->epfd, &readable);
	FD_SET(loop->pipe_fds[1], &readable);
#ifdef SYS_select
	if (loop->variant == VARIANT_SELECT) {
		struct timeval time = {};

		if (timeout)
			time = (struct timeval){timeout->tv_sec, timeout->tv_nsec / 1000};
		return (int)syscall(SYS_select, last + 1, &readable, NULL, NULL,
				    timeout ? &time : NULL);
	}
#endif
	return pselect(last + 1, &readable, NULL, NULL, timeout, NULL);
}

static int wait_call(struct loop *loop, int timeout_ms)
{
	struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = (long)(timeout_ms % 1000) * 1000000,
	};

	switch (loop->variant) {
	case VARIANT_PWAIT:
		return epoll_pwait(loop->epfd, loop->events, LOOP_MAX_READY, timeout_ms, NULL);
	case VARIANT_PWAIT2:
		return epoll_pwait2(loop->epfd, loop->events, LOOP_MAX_READY,
				    timeout_ms < 0 ? NULL : &timeout, NULL);
	case VARIANT_POLL:
	case VARIANT_PPOLL:
		return poll_call(loop, timeout_ms < 0 ? NULL : &timeout);
	case VARIANT_SELECT:
	case VARIANT_PSELECT6:
		return select_call(loop, timeout_ms < 0 ? NULL : &timeout);
	default:
		return epoll_wait(loop->epfd, loop->events, LOOP_MAX_READY, timeout_ms);
	}
}

/* How many events a wait brought: poll and select tell only that there are some. */
static int events_of(struct loop *loop, int result)
{
	if (result <= 0 || loop->variant < VARIANT_POLL)
		return result;
	return epoll_wait(loop->epfd, loop->events, LOOP_MAX_READY, 0);
}

static void count_call(struct wait_record *record, int result)
{
	record->calls++;
	if (result > 0)
		record->events += (unsigned int)result;
}

/* The last thing before a call that goes on with a wait. */
static void note_gap(struct wait_record *record, uint64_t since_ns)
{
	uint64_t gap_ns = now_ns() - since_ns;

	if (gap_ns > record->gap_ns)
		record->gap_ns = gap_ns;
}

/* One wait, entered again after each signal, its result logged and checked. */
static void wait_plain(struct loop *loop, struct wait_record *record, int timeout_ms, int expected)
{
	int result;

	interrupted_ns = 0;
	record->instant = !timeout_ms;
	sample_before(loop->schedstat_fd, &record->enter);
	result = wait_call(loop, timeout_ms);
	while (result < 0 && errno == EINTR) {
		uint64_t since_ns = interrupted_ns ? interrupted_ns : now_ns();

		count_call(record, result);
		interrupted_ns = 0;
		note_gap(record, since_ns);
		result = wait_call(loop, timeout_ms);
	}
	sample_after(loop->schedstat_fd, &record->exit);
	count_call(record, result);
	if (events_of(loop, result) != expected)
		give_up("a wait returned something else than its script says");
}

static void ask_helper(struct loop *loop, enum errand_kind kind, int fd, uint64_t in_us,
		       uint64_t *fired_ns)
{
	struct errand errand = {
		.kind = kind,
		.fd = fd,
		.due_ns = now_ns() + in_us * 1000,
		.fired_ns = fired_ns,
	};

	helper_ask(&loop->helper, &errand);
}

static int uv_call(struct loop *loop, struct wait_record *record, struct epoll_event *events,
		   int timeout_ms)
{
	int result = epoll_pwait(loop->epfd, events, UV_MAX_EVENTS, timeout_ms, NULL);

	if (result < 0)
		give_up("epoll_pwait");
	count_call(record, result);
	return result;
}

/* libuv's uv__io_poll: with metrics it looks first, and waits if there is nothing. */
static void uv_wait(struct loop *loop, struct wait_record *record, bool looks_first)
{
	struct epoll_event events[UV_MAX_EVENTS];
	int result = 0;

	sample_before(loop->schedstat_fd, &record->enter);
	if (looks_first)
		result = uv_call(loop, record, events, 0);
	record->instant = result > 0;
	if (!result) {
		uint64_t since_ns = now_ns();

		if (looks_first)
			note_gap(record, since_ns);
		result = uv_call(loop, record, events, -1);
	}
	sample_after(loop->schedstat_fd, &record->exit);
	if (result != 1)
		give_up("a wait returned something else than its script says");
}

/* After a full batch libuv polls for more, within the same iteration. */
static void uv_batches(struct loop *loop, const struct step *step)
{
	struct epoll_event events[UV_MAX_EVENTS];
	int timeout_ms = step->kind == STEP_UVLOOKBATCH ? 0 : -1;
	unsigned int seen = 0;
	int result;

	make_ready(loop, step->a);
	do {
		struct wait_record *record = log_wait(&loop->log, step_name(step->kind));

		record->continues = seen > 0;
		record->instant = !timeout_ms;
		sample_before(loop->schedstat_fd, &record->enter);
		result = uv_call(loop, record, events, timeout_ms);
		sample_after(loop->schedstat_fd, &record->exit);
		spin_us(result ? step->b : 0);
		seen += (unsigned int)result;
		timeout_ms = 0;
	} while (result == UV_MAX_EVENTS);
	if (seen != step->a)
		give_up("events lost");
}

void wait_step(struct loop *loop, const struct step *step)
{
	struct wait_record *record;

	if (step->kind == STEP_UVLOOKBATCH || step->kind == STEP_UVWAITBATCH) {
		uv_batches(loop, step);
		return;
	}
	record = log_wait(&loop->log, step_name(step->kind));
	switch (step->kind) {
	case STEP_WAKE:
		ask_helper(loop, ERRAND_EVENTFD, loop->wake_fd, step->a * 1000, record->fired_ns);
		wait_plain(loop, record, -1, 1);
		break;
	case STEP_TIMEOUT:
		wait_plain(loop, record, (int)step->a, 0);
		break;
	case STEP_READY:
		make_ready(loop, step->a);
		wait_plain(loop, record, -1, (int)step->a);
		break;
	case STEP_ZERO:
		wait_plain(loop, record, 0, 0);
		break;
	case STEP_EINTR:
		ask_helper(loop, ERRAND_SIGNAL, -1, step->a * 500, NULL);
		arm_timer(loop, step->a);
		wait_plain(loop, record, -1, 1);
		break;
	case STEP_UVLOOK:
	case STEP_UVWAIT:
		arm_timer(loop, step->a);
		uv_wait(loop, record, step->kind == STEP_UVLOOK);
		break;
	default: /* STEP_IDLE */
		arm_timer(loop, step->a);
		wait_plain(loop, record, -1, 1);
	}
}

void wait_for_go(struct loop *loop)
{
	struct wait_record *record = log_wait(&loop->log, "go");

	atomic_store(&loop->waits_for_go, true);
	wait_plain(loop, record, -1, 1);
}

void wait_at_rest(struct loop *loop)
{
	struct wait_record *record = log_wait(&loop->log, "rest");

	atomic_store(&loop->rests, true);
	wait_plain(loop, record, -1, 1);
}
