/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Why a list has no loop, in a line: which of the options left them out, where one did. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "commands/loop_list.h"
#include "identity/proc.h"
#include "view/names.h"
#include "view/terminal_text.h"

#define NAMES_LEN 512

static bool is_named(const struct watch_options *options, __u32 pid)
{
	for (size_t i = 0; i < options->nr_pids; i++) {
		if ((__u32)options->pids[i] == pid)
			return true;
	}
	return false;
}

/* Of the whole machine, nobody asks for each. */
static void explain_left_out(const struct loop_list *list, const struct watch_options *options)
{
	for (size_t i = 0; i < list->nr_left_out; i++) {
		const struct left_out *left_out = &list->left_out[i];

		if (is_named(options, left_out->pid))
			log_warning("process %u is left out: %s", left_out->pid, left_out->reason);
	}
}

static bool has_name(int directory, const char *path, const struct scope_config *scope)
{
	struct proc_stat stat;

	if (proc_stat_read(directory, path, &stat))
		return false;
	for (unsigned int i = 0; i < scope->nr_globs; i++) {
		if (comm_glob_match(&scope->globs[i], stat.comm))
			return true;
	}
	return false;
}

/* A process, by its own name or that of a thread. */
static bool process_has_name(pid_t pid, const struct scope_config *scope)
{
	_cleanup_(closep) int directory = proc_open(pid);
	int fd = directory < 0 ? -1 : openat(directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_(closedirp) DIR *list = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	bool found = false;

	if (!list) {
		closep(&fd);
		return false;
	}
	while (!found && (entry = readdir(list))) {
		char path[64];
		pid_t tid = atoi(entry->d_name);

		snprintf(path, sizeof(path), "task/%d/stat", tid);
		found = tid > 0 && has_name(directory, path, scope);
	}
	return found;
}

/* True if it cannot be told. */
static bool some_have_name(const struct scope_config *scope)
{
	_cleanup_(closedirp) DIR *list = opendir("/proc");
	struct dirent *entry;
	bool found = !list;

	while (!found && (entry = readdir(list))) {
		pid_t pid = atoi(entry->d_name);

		found = pid > 0 && process_has_name(pid, scope);
	}
	return found;
}

static void explain_name(const struct watch_options *options)
{
	char names[NAMES_LEN] = "", name[NAMES_LEN];
	size_t used = 0;

	for (unsigned int i = 0; i < options->scope.nr_globs && used < sizeof(names); i++)
		used += snprintf(names + used, sizeof(names) - used, "%s'%s'", i ? " or " : "",
				 terminal_escape(name, sizeof(name), options->comms[i]));
	log_error("no loop seen: no process or thread is called %s", names);
}

static bool only_by_name(const struct scope_config *scope)
{
	return scope->nr_globs && !scope->pids && !scope->nr_cgroups && !scope->all;
}

static void explain_waits(const struct scope_config *scope)
{
	const char *family = wait_family_name(scope->wait_family);
	const char *whose = scope->all ? "this machine" : "the targets";
	const char *but = scope->nr_not_globs ? " but those that --not-comm leaves out" : "";

	if (family)
		log_error(
			"no loop seen: no thread of %s%s waited by %s (--wait %s); without --wait, "
			"those that wait in another way show",
			whose, but, family, family);
	else if (scope->all)
		log_error("no loop seen: no thread of %s%s waits for events", whose, but);
	else
		log_error("no loop seen: no thread of %s%s waited for events as a loop does; "
			  "'loopscope list --explain PID' tells what its threads do",
			  whose, but);
}

void loop_list_explain_empty(const struct loop_list *list, const struct watch_options *options,
			     const struct summary *summary)
{
	if (list->nr)
		explain_left_out(list, options);
	else if (list->nr_left_out)
		log_error("no loop seen: %s; 'loopscope list' shows the threads",
			  list->left_out[0].reason);
	else if (summary->compat_skipped)
		log_error("no loop seen: the targets are 32-bit, and those are not watched");
	else if (only_by_name(&options->scope) && !some_have_name(&options->scope))
		explain_name(options);
	else if (pod_filter_asks(&options->pods))
		log_error("no loop seen in such a pod or container: 'loopscope list' shows those "
			  "of every loop");
	else
		explain_waits(&options->scope);
}
