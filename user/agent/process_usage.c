/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Pids out of the registry, what they have used into it. */
#include "agent/process_usage.h"

#include <stdlib.h>

#include "agent/clocks.h"
#include "base/cleanup.h"
#include "observe/observer.h"

struct process_list {
	struct watched_process **processes;
	size_t nr, max;
};

static void add(struct watched_process *process, void *context)
{
	struct process_list *list = context;

	if (list->nr < list->max)
		list->processes[list->nr++] = process;
}

static void put(struct watched_process *process, const struct process_usage *usage)
{
	/* a process that has ended, or another one that has its pid */
	if (!usage->start_ns || usage->start_ns != watched_process_key(process)->start_ns)
		return;
	watched_process_set_usage(process, usage, clock_unix_from_boottime(usage->start_ns));
}

void process_usage_read(struct observer *observer, struct registry *registry)
{
	_cleanup_(freep) struct watched_process **processes = NULL;
	_cleanup_(freep) struct process_usage *usages = NULL;
	_cleanup_(freep) pid_t *pids = NULL;
	struct registry_counts counts;
	struct process_list list;

	registry_counts(registry, &counts);
	if (!counts.processes)
		return;
	list.max = counts.processes + counts.waiting;
	list.nr = 0;
	list.processes = processes = calloc(list.max, sizeof(*list.processes));
	pids = calloc(list.max, sizeof(*pids));
	usages = calloc(list.max, sizeof(*usages));
	if (!processes || !pids || !usages)
		return;
	registry_each_process(registry, add, &list);
	for (size_t i = 0; i < list.nr; i++)
		pids[i] = (pid_t)watched_process_key(list.processes[i])->pid;
	if (observer_usage(observer, pids, usages, list.nr))
		return;
	for (size_t i = 0; i < list.nr; i++)
		put(list.processes[i], &usages[i]);
}
