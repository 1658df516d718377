/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Processes by descent, by cgroup, and all of them. */
#include "commands/target_processes.h"

#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "identity/proc.h"

static int pid_list_add(struct pid_list *list, pid_t pid)
{
	if (list->nr == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 64;
		pid_t *pids = reallocarray(list->pids, capacity, sizeof(*pids));

		if (!pids)
			return -ENOMEM;
		list->pids = pids;
		list->capacity = capacity;
	}
	list->pids[list->nr++] = pid;
	return 0;
}

static int all_processes(struct pid_list *list)
{
	_cleanup_(closedirp) DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int r = 0;

	if (!proc)
		return -errno;
	while (!r && (entry = readdir(proc))) {
		pid_t pid = atoi(entry->d_name);

		if (pid > 0)
			r = pid_list_add(list, pid);
	}
	return r;
}

struct relation {
	pid_t pid, parent;
	bool wanted;
};

static int relation_compare(const void *a, const void *b)
{
	const struct relation *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

static struct relation *relation_find(struct relation *relations, size_t nr, pid_t pid)
{
	const struct relation key = {.pid = pid};

	return bsearch(&key, relations, nr, sizeof(*relations), relation_compare);
}

/* In order of pid. A process that ends meanwhile has no parent. */
static int read_relations(struct relation **ret_relations, size_t *ret_nr)
{
	_cleanup_(pid_list_done) struct pid_list all = {};
	struct relation *relations;
	int r = all_processes(&all);

	if (r)
		return r;
	relations = calloc(all.nr + 1, sizeof(*relations));
	if (!relations)
		return -ENOMEM;
	for (size_t i = 0; i < all.nr; i++) {
		_cleanup_(closep) int directory = proc_open(all.pids[i]);
		struct proc_stat stat = {};

		if (directory >= 0 && proc_stat_read(directory, "stat", &stat))
			stat.parent = 0;
		relations[i] = (struct relation){all.pids[i], stat.parent, false};
	}
	qsort(relations, all.nr, sizeof(*relations), relation_compare);
	*ret_relations = relations;
	*ret_nr = all.nr;
	return 0;
}

/* Wants the children of wanted ones; true if there were any new. */
static bool want_children(struct relation *relations, size_t nr)
{
	bool any = false;

	for (size_t i = 0; i < nr; i++) {
		const struct relation *parent;

		if (relations[i].wanted)
			continue;
		parent = relation_find(relations, nr, relations[i].parent);
		if (parent && parent->wanted)
			relations[i].wanted = any = true;
	}
	return any;
}

static int add_descendants(const struct watch_options *options, struct pid_list *list)
{
	_cleanup_(freep) struct relation *relations = NULL;
	size_t nr = 0;
	int r = read_relations(&relations, &nr);

	if (r)
		return r;
	for (size_t i = 0; i < options->nr_pids; i++) {
		struct relation *root = relation_find(relations, nr, options->pids[i]);

		if (root)
			root->wanted = true;
	}
	while (want_children(relations, nr))
		;
	for (size_t i = 0; !r && i < nr; i++) {
		if (relations[i].wanted)
			r = pid_list_add(list, relations[i].pid);
	}
	return r;
}

int target_pids(const struct watch_options *options, struct pid_list *list)
{
	int r = 0;

	if (options->nr_pids && options->scope.children)
		return add_descendants(options, list);
	for (size_t i = 0; !r && i < options->nr_pids; i++)
		r = pid_list_add(list, options->pids[i]);
	return r;
}

/* A cgroup that goes, or cannot be read, has no processes. */
static int add_cgroup_procs(const char *directory, struct pid_list *list)
{
	_cleanup_(freep) char *path = NULL;
	_cleanup_(fclosep) FILE *file = NULL;
	int r = 0, pid;

	if (asprintf(&path, "%s/cgroup.procs", directory) < 0)
		return -ENOMEM;
	file = fopen(path, "re");
	while (!r && file && fscanf(file, "%d", &pid) == 1)
		r = pid_list_add(list, pid);
	return r;
}

static int add_cgroup(char *directory, struct pid_list *list)
{
	char *const roots[] = {directory, NULL};
	FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	const FTSENT *entry;
	int r = 0;

	if (!walk)
		return -errno;
	while (!r && (entry = fts_read(walk))) {
		if (entry->fts_info == FTS_D)
			r = add_cgroup_procs(entry->fts_path, list);
	}
	fts_close(walk);
	return r;
}

int target_processes(const struct watch_options *options, struct pid_list *list)
{
	int r;

	if (options->scope.all)
		return all_processes(list);
	r = target_pids(options, list);
	for (int i = 0; !r && i < options->scope.nr_cgroups; i++)
		r = add_cgroup(options->cgroups[i], list);
	return r;
}

int target_candidates(const struct watch_options *options, struct pid_list *list)
{
	return options->scope.nr_globs ? all_processes(list) : target_processes(options, list);
}

bool target_name_matches(const struct comm_glob *globs, __u8 nr, const char *thread,
			 const char *process)
{
	for (int i = 0; i < nr; i++) {
		if (comm_glob_match(&globs[i], thread) || comm_glob_match(&globs[i], process))
			return true;
	}
	return false;
}
