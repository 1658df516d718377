/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The epoll set. One event is taken at a time: the kernel hands ready
 * descriptors out in turn, so that a flood of records delays no signal.
 */
#include "commands/session_events.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#include "identity/identity.h"

#define NS_PER_S 1000000000LL
#define NO_EVENT (-1)

enum source {
	SOURCE_SIGNAL,
	SOURCE_TIMER,
	SOURCE_INPUT,
	SOURCE_RECORDS,
	SOURCE_PODS,
	SOURCE_WATCH,
	SOURCE_SYMBOLS,
	SOURCE_TARGET, /* and from there on one for each target */
};

struct session_events {
	int epoll_fd, signal_fd, timer_fd, watch_fd;
	sigset_t old_mask;
	bool masked;
	bool ends_with_targets;
	size_t nr_alive;
	size_t nr_pidfds;
	int pidfds[]; /* -1 once it has been told of */
};

DEFINE_CLEANUP(struct session_events *, session_events_free)

void session_events_free(struct session_events *events)
{
	if (!events)
		return;
	closep(&events->epoll_fd);
	closep(&events->signal_fd);
	closep(&events->timer_fd);
	closep(&events->watch_fd);
	for (size_t i = 0; i < events->nr_pidfds; i++)
		closep(&events->pidfds[i]);
	if (events->masked)
		sigprocmask(SIG_SETMASK, &events->old_mask, NULL);
	free(events);
}

static int add_source(struct session_events *events, int fd, __u64 source)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = source};

	return epoll_ctl(events->epoll_fd, EPOLL_CTL_ADD, fd, &event) ? -errno : 0;
}

/* SIGHUP is left alone where it is ignored: nohup asked for that. */
static void signals_wanted(sigset_t *set)
{
	struct sigaction hangup;

	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGWINCH);
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(set, SIGHUP);
}

static int open_basics(struct session_events *events)
{
	sigset_t signals;

	signals_wanted(&signals);
	sigprocmask(SIG_BLOCK, &signals, &events->old_mask);
	events->masked = true;
	events->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	events->signal_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	events->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (events->epoll_fd < 0 || events->signal_fd < 0 || events->timer_fd < 0)
		return -errno;
	events->watch_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (events->watch_fd < 0)
		return -errno;
	return add_source(events, events->signal_fd, SOURCE_SIGNAL)
		       ?: add_source(events, events->timer_fd, SOURCE_TIMER)
		       ?: add_source(events, events->watch_fd, SOURCE_WATCH);
}

/* A pidfd, or -errno. */
static int open_target(pid_t pid, char *error)
{
	const char *problem = identity_pid_problem(pid);
	int fd, r;

	if (problem) {
		snprintf(error, SESSION_ERROR_LEN, "cannot watch pid %d: %s", pid, problem);
		return -ESRCH;
	}
	fd = pidfd_open(pid, 0);
	if (fd < 0) {
		r = -errno;
		snprintf(error, SESSION_ERROR_LEN, "cannot watch pid %d: %s", pid,
			 r == -ESRCH ? "it has just ended" : strerror(-r));
		return r;
	}
	return fd;
}

static int place_target(struct session_events *events, size_t index, int pidfd)
{
	events->pidfds[index] = pidfd;
	events->nr_alive++;
	return add_source(events, pidfd, SOURCE_TARGET + index);
}

static int follow_targets(struct session_events *events, const struct watch_options *options,
			  char *error)
{
	for (size_t i = 0; i < options->nr_pids; i++) {
		int r = open_target(options->pids[i], error);

		if (r >= 0)
			r = place_target(events, events->nr_pidfds++, r);
		if (r)
			return r;
	}
	return 0;
}

int session_events_new(const struct watch_options *options, struct session_events **ret_events,
		       char *error)
{
	const struct scope_config *scope = &options->scope;
	_cleanup_(session_events_freep) struct session_events *events =
		calloc(1, sizeof(*events) + options->nr_pids * sizeof(*events->pidfds));
	int r;

	snprintf(error, SESSION_ERROR_LEN, "out of memory");
	if (!events)
		return -ENOMEM;
	events->epoll_fd = events->signal_fd = -EBADF;
	events->timer_fd = events->watch_fd = -EBADF;
	r = open_basics(events);
	if (r) {
		snprintf(error, SESSION_ERROR_LEN, "opening descriptors: %s", strerror(-r));
		return r;
	}
	r = follow_targets(events, options, error);
	if (r)
		return r;
	events->ends_with_targets = !scope->all && !scope->nr_globs && !scope->nr_cgroups;
	*ret_events = TAKE_PTR(events);
	return 0;
}

/* There is room: one of those named has ended. */
int session_events_watch_target(struct session_events *events, int pidfd)
{
	size_t index = 0;

	while (events->pidfds[index] >= 0)
		index++;
	return place_target(events, index, pidfd);
}

static struct timespec timespec_from_seconds(double seconds)
{
	long long ns = llround(seconds * NS_PER_S);

	return (struct timespec){ns / NS_PER_S, ns % NS_PER_S};
}

int session_events_set_timer(struct session_events *events, double first_s, double interval_s)
{
	const struct itimerspec when = {
		.it_value = timespec_from_seconds(first_s),
		.it_interval = timespec_from_seconds(interval_s),
	};

	return timerfd_settime(events->timer_fd, 0, &when, NULL) ? -errno : 0;
}

int session_events_watch_input(struct session_events *events, int fd)
{
	return add_source(events, fd, SOURCE_INPUT);
}

int session_events_watch_records(struct session_events *events, int fd)
{
	return add_source(events, fd, SOURCE_RECORDS);
}

int session_events_watch_pods(struct session_events *events, int fd)
{
	return fd < 0 ? 0 : add_source(events, fd, SOURCE_PODS);
}

int session_events_set_watch(struct session_events *events, __u64 in_ns)
{
	const struct itimerspec when = {
		.it_value = {(time_t)(in_ns / NS_PER_S), (long)(in_ns % NS_PER_S)},
	};

	return timerfd_settime(events->watch_fd, 0, &when, NULL) ? -errno : 0;
}

int session_events_watch_symbols(struct session_events *events, int fd)
{
	return add_source(events, fd, SOURCE_SYMBOLS);
}

static int take_signal(struct session_events *events)
{
	struct signalfd_siginfo info;

	if (read(events->signal_fd, &info, sizeof(info)) != sizeof(info))
		return NO_EVENT;
	return info.ssi_signo == SIGWINCH ? SESSION_RESIZED : SESSION_INTERRUPTED;
}

static bool has_expired(int timer_fd)
{
	__u64 expirations;

	return read(timer_fd, &expirations, sizeof(expirations)) == sizeof(expirations);
}

/* Closing it takes it out of the epoll set. */
static int take_target(struct session_events *events, size_t index)
{
	closep(&events->pidfds[index]);
	events->pidfds[index] = -EBADF;
	events->nr_alive--;
	return events->ends_with_targets && !events->nr_alive ? SESSION_TARGETS_GONE : NO_EVENT;
}

/* 0 and what happened, if that is an event; or what else there is to do. */
static int take_source(struct session_events *events, const struct epoll_event *event,
		       int *ret_taken)
{
	*ret_taken = NO_EVENT;
	switch (event->data.u64) {
	case SOURCE_SIGNAL:
		*ret_taken = take_signal(events);
		return 0;
	case SOURCE_TIMER:
		*ret_taken = has_expired(events->timer_fd) ? SESSION_TICK : NO_EVENT;
		return 0;
	case SOURCE_INPUT: /* a terminal that hung up would be readable for ever */
		*ret_taken = event->events & EPOLLHUP ? SESSION_INTERRUPTED : SESSION_INPUT;
		return 0;
	case SOURCE_RECORDS:
		return SESSION_EVENTS_RECORDS;
	case SOURCE_PODS:
		return SESSION_EVENTS_PODS;
	case SOURCE_SYMBOLS:
		return SESSION_EVENTS_SYMBOLS;
	case SOURCE_WATCH:
		return has_expired(events->watch_fd) ? SESSION_EVENTS_WATCH : 0;
	default:
		*ret_taken = take_target(events, event->data.u64 - SOURCE_TARGET);
		return 0;
	}
}

int session_events_wait(struct session_events *events, enum session_event *ret_event)
{
	int taken = NO_EVENT;

	while (taken == NO_EVENT) {
		struct epoll_event event;
		int r;

		if (epoll_wait(events->epoll_fd, &event, 1, -1) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		r = take_source(events, &event, &taken);
		if (r)
			return r;
	}
	*ret_event = taken;
	return 0;
}
