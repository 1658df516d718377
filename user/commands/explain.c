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
#include "identity/wait_syscall.h"
#include "view/names.h"

/* Of a thread that is in a wait call, or was. */
static const char *why_not_yet(struct explained_thread *thread, enum wait_family asked)
{
	enum wait_family family = wait_syscall_family(thread->syscall_nr);

	if (asked && family != asked)
		return "it waits in a call that is not of the family that --wait names";
	thread->may_come_back = true;
	if (family == WAIT_EPOLL)
		return "it waits on an eventpoll, but was not seen to";
	if (thread->nr_polled == 1 && !asked) {
		thread->may_come_back = false;
		return "it waits for one descriptor only, and a loop does for more";
	}
	return "it was not seen to come back to its wait call yet";
}

static const char *why_none(struct explained_thread *thread, enum wait_family asked)
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
	if (wait_syscall_family(thread->syscall_nr))
		return why_not_yet(thread, asked);
	return "it was not seen to wait for events";
}

static const char *why_loop(const struct loop_report *report, bool asked)
{
	if (report->state == REPORT_UNSEEN)
		return "it seems to be the one whose eventpoll nobody waits on";
	if (asked)
		return "it waits in a call of the family that --wait names";
	switch (report->family) {
	case WAIT_EPOLL:
		return "it waits for events in epoll";
	case WAIT_POLL:
		return report->iterations ? "it comes back to poll from one place"
					  : "it has been asleep in one poll since before it was "
					    "watched, and is taken for a loop since that is for "
					    "several descriptors";
	case WAIT_SELECT:
		return report->iterations ? "it comes back to select from one place"
					  : "it has been asleep in one select since before it was "
					    "watched, and is taken for a loop since that is for "
					    "several descriptors";
	case WAIT_IO_URING:
		return "it waits for completions in io_uring";
	case WAIT_AIO:
		return "it waits for completions in io_getevents";
	default:
		return "it waits for events";
	}
}

static void judge(struct explained_thread *thread, const struct loop_list *list,
		  const struct explanation *explanation, enum wait_family asked)
{
	const char *reason = explanation->no_loop;

	thread->why = reason && thread->fd >= 0 ? reason : why_none(thread, asked);
	for (size_t i = 0; i < list->nr; i++) {
		const struct loop_report *report = &list->loops[i]->report;

		if (report->id.tid != thread->tid || report->id.pid != explanation->pid)
			continue;
		thread->family = wait_family_name(report->family);
		thread->parks = !reason && report->parks;
		thread->is_loop = !reason;
		thread->may_come_back = false;
		thread->why = reason ?: why_loop(report, asked);
	}
}

/* The list is in the order of pids. */
static void note_children(const struct loop_list *list, struct explanation *explanation)
{
	__u32 *children = explanation->children;

	for (size_t i = 0; i < list->nr; i++) {
		__u32 pid = list->loops[i]->report.id.pid;

		if (pid == explanation->pid || list->loops[i]->entry.no_loop ||
		    explanation->nr_children == EXPLANATION_MAX_CHILDREN)
			continue;
		if (!explanation->nr_children || children[explanation->nr_children - 1] != pid)
			children[explanation->nr_children++] = pid;
	}
}

static int watch(pid_t pid, const struct watch_options *options, double seconds,
		 struct explanation *explanation)
{
	_cleanup_(loop_list_done) struct loop_list list = {.with_no_loops = true};
	struct watch_options one = {
		.scope = {.blocking_ns = options->scope.blocking_ns,
			  .pids = true,
			  .children = true,
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
		judge(&explanation->threads[i], &list, explanation, options->scope.wait_family);
	loop_list_sort_by_pid(&list);
	note_children(&list, explanation);
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
