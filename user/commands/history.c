/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The model, and a table of processes beside it. */
#include "commands/history.h"

#include <errno.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "identity/runtime.h"
#include "model/model.h"

#define MAX_WINDOWS_UNHEARD 4 /* more than the model waits for */

struct process {
	struct process_facts facts;
	unsigned int window; /* in which it was last heard of */
	UT_hash_handle hh;
};

struct history {
	struct model *model;
	const struct syscall_names *syscalls;
	struct process *processes; /* uthash: the longest unheard first */
	struct item_unseen *unseen;
	size_t nr_unseen;
	struct summary summary;
	struct stalls *stalls;   /* NULL: they are not followed */
	struct item_hooks hooks; /* which the summary points into */
	struct item_mark mark;
	unsigned int window; /* how many have been opened */
	bool ended;
};

int history_new(const struct syscall_names *syscalls, struct history **ret_history)
{
	const struct model_options options = {.max_loops = HISTORY_MAX_LOOPS};
	_cleanup_(history_freep) struct history *history = calloc(1, sizeof(*history));
	int r;

	if (!history)
		return -ENOMEM;
	history->syscalls = syscalls;
	r = model_new(&options, &history->model);
	if (r)
		return r;
	*ret_history = TAKE_PTR(history);
	return 0;
}

static void forget(struct history *history, struct process *process)
{
	HASH_DEL(history->processes, process);
	free(process);
}

void history_free(struct history *history)
{
	if (!history)
		return;
	while (history->processes)
		forget(history, history->processes);
	stalls_free(history->stalls);
	model_free(history->model);
	free(history->unseen);
	free(history);
}

static struct process *find(const struct history *history, const struct process_key *key)
{
	struct process *process;

	HASH_FIND(hh, history->processes, key, sizeof(*key), process);
	return process;
}

static struct process_key key_of(const struct loop_id *id, __u64 process_start_ns)
{
	return (struct process_key){process_start_ns, id->exec_id, id->pid};
}

/* The loop's process has been heard of: it is the last to be forgotten. */
static void touch(struct history *history, const void *record, size_t size)
{
	struct loop_window window;
	struct process_key key;
	struct process *process;

	if (size < sizeof(window))
		return;
	memcpy(&window, record, sizeof(window));
	key = key_of(&window.id, window.process_start_ns);
	process = find(history, &key);
	if (!process)
		return;
	if (process->window == history->window)
		return; /* it is among the last already, with all its other loops */
	process->window = history->window;
	HASH_DEL(history->processes, process);
	HASH_ADD(hh, history->processes, facts.key, sizeof(process->facts.key), process);
	if (!process->hh.tbl)
		free(process);
}

static int take_record(struct history *history, const void *data, size_t size)
{
	int r = model_apply(history->model, data, size);

	if (r == -ENOMEM)
		return r;
	if (r)
		return 1;
	touch(history, data, size);
	return history->stalls ? stalls_take_record(history->stalls, data, size) : 0;
}

static int take_stack(struct history *history, const void *data, size_t size)
{
	int r = history->stalls ? stalls_take_stack(history->stalls, data, size) : 0;

	return r == -EBADMSG ? 1 : r;
}

static int take_process(struct history *history, const void *data, size_t size)
{
	struct process_facts facts;
	struct process *process;
	int r = item_get_process(data, size, &facts);

	if (r)
		return r;
	process = find(history, &facts.key);
	if (process) {
		process->facts = facts;
		return 0;
	}
	while (HASH_COUNT(history->processes) >= HISTORY_MAX_PROCESSES)
		forget(history, history->processes);
	process = calloc(1, sizeof(*process));
	if (!process)
		return -ENOMEM;
	process->facts = facts;
	process->window = history->window;
	HASH_ADD(hh, history->processes, facts.key, sizeof(process->facts.key), process);
	if (!process->hh.tbl) {
		free(process);
		return -ENOMEM;
	}
	return 0;
}

static int take_unseen(struct history *history, const void *data, size_t size)
{
	struct item_unseen *threads;
	size_t nr;
	int r = item_get_unseen(data, size, &threads, &nr);

	if (r)
		return r;
	free(history->unseen);
	history->unseen = threads;
	history->nr_unseen = nr;
	return 0;
}

/* Whatever the model still has of a process has been heard of in these windows. */
static void open_window(struct history *history)
{
	model_open_window(history->model);
	history->window++;
	while (history->processes &&
	       history->window - history->processes->window > MAX_WINDOWS_UNHEARD)
		forget(history, history->processes);
}

/* What is unseen as of the mark. */
static int take_unseen_stalls(struct history *history)
{
	__u64 now_ns = history->mark.monotonic_ns;
	int r = 0;

	for (size_t i = 0; !r && i < history->nr_unseen; i++) {
		struct loop_report report;

		item_unseen_report(&history->unseen[i], &report);
		r = stalls_take_unseen(history->stalls, &report, now_ns);
	}
	return r ?: stalls_end_unseen(history->stalls);
}

static int take_mark(struct history *history, enum item_kind kind, const void *data, size_t size)
{
	int r = item_get_mark(data, size, &history->mark);

	if (r)
		return r;
	if (kind == ITEM_WINDOW)
		open_window(history);
	if (kind == ITEM_END)
		history->ended = true;
	if (!history->stalls)
		return 0;
	return take_unseen_stalls(history) ?: history_advance(history, history->mark.monotonic_ns);
}

int history_take(struct history *history, enum item_kind kind, const void *data, size_t size)
{
	if (history->ended)
		return -EBADMSG;
	switch (kind) {
	case ITEM_RECORD:
		return take_record(history, data, size);
	case ITEM_PROCESS:
		return take_process(history, data, size);
	case ITEM_UNSEEN:
		return take_unseen(history, data, size);
	case ITEM_WALK:
	case ITEM_WINDOW:
	case ITEM_END:
		return take_mark(history, kind, data, size);
	case ITEM_SUMMARY:
		return item_get_summary(data, size, &history->summary, &history->hooks);
	case ITEM_STACK:
		return take_stack(history, data, size);
	}
	return 1;
}

int history_follow_stalls(struct history *history, const struct stalls_options *options)
{
	return stalls_new(options, &history->stalls);
}

__u64 history_stacks_held(const struct history *history)
{
	return history->stalls ? stalls_stacks_held(history->stalls) : 0;
}

int history_advance(struct history *history, __u64 now_ns)
{
	return history->stalls ? stalls_advance(history->stalls, now_ns) : 0;
}

int history_finish_stalls(struct history *history)
{
	return history->stalls ? stalls_finish(history->stalls) : 0;
}

struct visit {
	struct history *history;
	history_visit_fn callback;
	void *context;
};

static const char *unless_empty(const char *text)
{
	return *text ? text : NULL;
}

/* What is known of who it is; false: it is not one of those that were asked for. */
static bool describe(const struct history *history, const struct process_key *key,
		     struct loop_entry *entry)
{
	const struct process_facts *facts = history_process(history, key);

	*entry = (struct loop_entry){.cgroup = "", .syscalls = history->syscalls};
	if (!facts)
		return true;
	entry->runtime = unless_empty(facts->runtime);
	entry->runtime_version = unless_empty(facts->runtime_version);
	entry->loop_library = unless_empty(facts->loop_library);
	entry->loop_library_version = unless_empty(facts->loop_library_version);
	entry->no_loop = runtime_no_loop(entry->runtime);
	entry->cgroup = facts->cgroup;
	entry->container = facts->in_container ? &facts->container : NULL;
	return !facts->hidden;
}

static int visit_report(const struct loop_report *report, void *context)
{
	const struct visit *visit = context;
	const struct process_key key = key_of(&report->id, report->process_start_ns);
	struct loop_entry entry;

	if (!describe(visit->history, &key, &entry))
		return 0;
	entry.report = report;
	if (visit->history->stalls)
		entry.stall = stalls_of(visit->history->stalls, &report->id);
	return visit->callback(&entry, visit->context);
}

bool history_describe(const struct history *history, const struct stall *stall,
		      struct loop_entry *ret_entry)
{
	const struct process_key key = key_of(&stall->id, stall->process_start_ns);

	if (!describe(history, &key, ret_entry))
		return false;
	ret_entry->stall = stall;
	return true;
}

int history_visit(struct history *history, history_visit_fn callback, void *context)
{
	struct visit visit = {history, callback, context};
	int r = model_report(history->model, visit_report, &visit);

	for (size_t i = 0; !r && i < history->nr_unseen; i++) {
		struct loop_report report;

		item_unseen_report(&history->unseen[i], &report);
		r = visit_report(&report, &visit);
	}
	return r;
}

int history_visit_reports(struct history *history,
			  int (*callback)(const struct loop_report *report, void *context),
			  void *context)
{
	return model_report(history->model, callback, context);
}

const struct process_facts *history_process(const struct history *history,
					    const struct process_key *key)
{
	const struct process *process = find(history, key);

	return process ? &process->facts : NULL;
}

int history_visit_processes(struct history *history,
			    int (*callback)(const struct process_facts *facts, void *context),
			    void *context)
{
	for (const struct process *process = history->processes; process;
	     process = process->hh.next) {
		int r = callback(&process->facts, context);

		if (r)
			return r;
	}
	return 0;
}

const struct summary *history_summary(const struct history *history)
{
	return &history->summary;
}

const struct model_stats *history_stats(const struct history *history)
{
	return model_stats(history->model);
}

size_t history_nr_loops(const struct history *history)
{
	return model_nr_loops(history->model);
}

struct item_mark history_mark(const struct history *history)
{
	return history->mark;
}

bool history_ended(const struct history *history)
{
	return history->ended;
}
