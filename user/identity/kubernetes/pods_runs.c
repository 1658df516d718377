/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which run of which container an id is of: one index of all pods, one list for each. */
#include "identity/kubernetes/pods_runs.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "base/cleanup.h"

static void forget(struct pod_run **index, struct pod_run *run)
{
	HASH_DEL(*index, run);
	DL_DELETE(run->owner->oldest, run);
	run->owner->nr--;
	free(run);
}

void pod_runs_clear(struct pod_run **index, struct pod_runs *runs)
{
	while (runs->oldest)
		forget(index, runs->oldest);
}

static const struct pod_container *container_of_name(const struct pod *pod, const char *name)
{
	for (size_t i = 0; i < pod->nr_containers; i++) {
		if (strcmp(pod->containers[i].name, name) == 0)
			return &pod->containers[i];
	}
	return NULL;
}

/* The old pod is about to go: its containers are those of the same name in the new one. */
static void move_to(struct pod_run **index, struct pod_runs *runs, const struct pod *pod)
{
	struct pod_run *run, *next;

	DL_FOREACH_SAFE(runs->oldest, run, next)
	{
		run->container = container_of_name(pod, run->container->name);
		run->pod = pod;
		if (!run->container)
			forget(index, run);
	}
}

static void make_room(struct pod_run **index, struct pod_runs *runs,
		      const struct pod_container *container)
{
	struct pod_run *run, *oldest = NULL;
	size_t nr = 0;

	DL_FOREACH(runs->oldest, run)
	{
		if (run->container != container)
			continue;
		nr++;
		if (!oldest)
			oldest = run;
	}
	if (nr >= PODS_MAX_RUNS)
		forget(index, oldest);
}

static int add(struct pod_run **index, struct pod_runs *runs, const struct pod_run *what)
{
	struct pod_run *run = malloc(sizeof(*run));

	if (!run)
		return -ENOMEM;
	make_room(index, runs, what->container);
	*run = *what;
	run->owner = runs;
	HASH_ADD_STR(*index, id, run);
	if (!run->hh.tbl) {
		free(run);
		return -ENOMEM;
	}
	DL_APPEND(runs->oldest, run);
	runs->nr++;
	return 0;
}

/* certain: the status tells the number of restarts of this very run. */
static int note(struct pod_run **index, struct pod_runs *runs, const struct pod_run *what,
		bool certain)
{
	struct pod_run *run;

	HASH_FIND_STR(*index, what->id, run);
	if (run && run->owner != runs) {
		forget(index, run);
		run = NULL;
	}
	if (!run)
		return add(index, runs, what);
	run->container = what->container;
	if (certain)
		run->restart_count = what->restart_count;
	return 0;
}

static int note_container(struct pod_run **index, struct pod_runs *runs, const struct pod *pod,
			  const struct pod_container *container)
{
	struct pod_run run = {.pod = pod, .container = container};
	int r = 0;

	if (container->previous_id[0]) {
		memcpy(run.id, container->previous_id, sizeof(run.id));
		run.restart_count = container->restart_count > 0 ? container->restart_count - 1 : 0;
		r = note(index, runs, &run, false);
	}
	if (!r && container->id[0]) {
		memcpy(run.id, container->id, sizeof(run.id));
		run.restart_count = container->restart_count;
		r = note(index, runs, &run, true);
	}
	return r;
}

int pod_runs_update(struct pod_run **index, struct pod_runs *runs, const struct pod *pod)
{
	int r = 0;

	move_to(index, runs, pod);
	for (size_t i = 0; i < pod->nr_containers && !r; i++)
		r = note_container(index, runs, pod, &pod->containers[i]);
	return r;
}
