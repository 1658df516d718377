/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What /proc shows is read first, since the process may end while it is watched; then each
 * thread is told to be a loop, or why it is none.
 */
#include "commands/explain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "commands/explain_process.h"
#include "commands/loop_list.h"
#include "identity/identity.h"
#include "view/names.h"

static bool is_one_of(int nr, const int *calls, size_t nr_calls)
{
	for (size_t i = 0; i < nr_calls; i++) {
		if (calls[i] == nr)
			return true;
	}
	return false;
}

/* Calls that make a loop of a thread only if it is seen in them again and again. */
static bool may_be_a_loops(int nr)
{
	static const int calls[] = {
#ifdef SYS_poll
		SYS_poll,  SYS_select,
#endif
		SYS_ppoll, SYS_pselect6, SYS_io_uring_enter, SYS_io_getevents, SYS_io_pgetevents,
	};

	return is_one_of(nr, calls, sizeof(calls) / sizeof(*calls));
}

static const char *why_none(const struct explained_thread *thread)
{
	if (thread->state == 'T' || thread->state == 't')
		return "it is stopped, or traced";
	if (thread->state == 'Z' || thread->state == 'X')
		return "it has ended";
	if (thread->of_kernel)
		return "it is the kernel's own, for io_uring";
	if (thread->running)
		return "it ran, and did not wait for events meanwhile";
	if (thread->syscall_nr == SYS_futex)
		return "it waits for a lock, or to be woken by another thread";
	if (may_be_a_loops(thread->syscall_nr))
		return "it waits in a call that makes a loop only of those seen to come back to it "
		       "from one place, for more than one descriptor; watch it for longer, or with "
		       "--wait";
	if (thread->fd >= 0)
		return "it waits on an eventpoll, but was not seen to";
	return "it was not seen to wait for events";
}

static const char *why_loop(const struct loop_report *report)
{
	if (report->state == REPORT_UNSEEN)
		return "it seems to be the one whose eventpoll nobody waits on";
	switch (report->family) {
	case WAIT_EPOLL:
		return "it waits for events in epoll";
	case WAIT_POLL:
		return "it comes back to poll from one place";
	case WAIT_SELECT:
		return "it comes back to select from one place";
	case WAIT_IO_URING:
		return "it waits for completions in io_uring";
	case WAIT_AIO:
		return "it waits for completions in io_getevents";
	default:
		return "it waits for events";
	}
}

static void judge(struct explained_thread *thread, const struct loop_list *list,
		  const struct explanation *explanation)
{
	const char *reason = explanation->no_loop;

	thread->why = reason && thread->fd >= 0 ? reason : why_none(thread);
	for (size_t i = 0; i < list->nr; i++) {
		const struct loop_report *report = &list->loops[i]->report;

		if (report->id.tid != thread->tid || report->id.pid != explanation->pid)
			continue;
		thread->family = wait_family_name(report->family);
		thread->parks = !reason && report->parks;
		thread->is_loop = !reason;
		thread->why = reason ?: why_loop(report);
	}
}

static int watch(pid_t pid, const struct watch_options *options, double seconds,
		 struct explanation *explanation)
{
	_cleanup_(loop_list_done) struct loop_list list = {.with_no_loops = true};
	struct watch_options one = {
		.scope = {.blocking_ns = options->scope.blocking_ns,
			  .pids = true,
			  .wait_family = options->scope.wait_family},
		.pids = &pid,
		.nr_pids = 1,
		.edges = options->edges,
	};
	struct summary summary;
	int r = loop_list_watch(&list, &one, seconds, &summary);

	if (r)
		return r;
	for (size_t i = 0; i < explanation->nr_threads; i++)
		judge(&explanation->threads[i], &list, explanation);
	explanation->ended = identity_pid_problem(pid);
	return 0;
}

static int refuse(pid_t pid, const char *problem)
{
	log_error("cannot explain pid %d: %s", pid, problem);
	return -ESRCH;
}

int explain(pid_t pid, const struct watch_options *options, double seconds, bool json)
{
	_cleanup_(freep) struct explanation *explanation = calloc(1, sizeof(*explanation));
	const char *problem = identity_pid_problem(pid);
	int r;

	if (problem)
		return refuse(pid, problem);
	r = explanation ? explain_process(pid, explanation) : -ENOMEM;
	if (r)
		return refuse(pid,
			      r == -ESRCH || r == -ENOENT ? "it has just ended" : strerror(-r));
	r = watch(pid, options, seconds, explanation);
	if (r)
		return r;
	if (!json)
		explanation_write_text(stdout, explanation);
	else
		r = explanation_write_json(stdout, explanation);
	if (r)
		log_error("cannot write the explanation: %s", strerror(-r));
	return r;
}
