/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Looking pods up: by uid, by container, and by all that a cgroup's path tells. */
#include <string.h>

#include "identity/kubernetes/pods_parts.h"

static const struct pods_entry *entry_of_uid(const struct pods *pods, const char *uid)
{
	const struct pods_entry *entry, *of_hash;

	HASH_FIND_STR(pods->entries, uid, entry);
	if (entry && !entry->deleted)
		return entry;
	HASH_FIND(by_hash, pods->hashes, uid, strlen(uid), of_hash);
	return of_hash && (!entry || !of_hash->deleted) ? of_hash : entry;
}

static const struct pod_run *run_of_id(const struct pods *pods, const char *id)
{
	const struct pod_run *run;

	HASH_FIND_STR(pods->runs, id, run);
	return run;
}

const struct pod *pods_of_uid(const struct pods *pods, const char *uid)
{
	const struct pods_entry *entry = entry_of_uid(pods, uid);

	return entry ? entry->pod : NULL;
}

const struct pod *pods_of_container(const struct pods *pods, const char *container_id)
{
	const struct pod_run *run = run_of_id(pods, container_id);

	return run ? run->pod : NULL;
}

void pods_each(const struct pods *pods, void (*visit)(const struct pod *pod, void *context),
	       void *context)
{
	struct pods_entry *entry, *next;

	HASH_ITER(hh, pods->entries, entry, next)
	{
		if (!entry->deleted)
			visit(entry->pod, context);
	}
}

static enum pod_knowledge place_of_run(const struct pod_run *run, struct pod_place *ret_place)
{
	*ret_place = (struct pod_place){
		.pod = run->pod,
		.container = run->container,
		.restart_count = run->restart_count,
	};
	return POD_KNOWN;
}

static enum pod_knowledge place_of(const struct pods *pods, const struct cgroup_container *where,
				   struct pod_place *ret_place)
{
	const struct pods_entry *entry = NULL;
	const struct pod_run *run = NULL;

	if (where->pod_uid[0])
		entry = entry_of_uid(pods, where->pod_uid);
	if (where->id[0])
		run = run_of_id(pods, where->id);
	/*
	 * The cgroup's word on the pod counts: an id is only what some status says. One that none
	 * has told of may be of the pod's own container (pause) as well, even if the pod
	 * has a single other.
	 */
	if (run && (!entry || run->pod == entry->pod))
		return place_of_run(run, ret_place);
	*ret_place = (struct pod_place){.pod = entry ? entry->pod : NULL};
	if (entry)
		return POD_CONTAINER_UNKNOWN;
	return where->pod_uid[0] ? POD_UNKNOWN : POD_NOT_IN_ONE;
}

/*
 * From the outermost on: who may make cgroups below its own may name them after another pod. One
 * that is not known may hold a node of a cluster in itself, whose pods are.
 */
enum pod_knowledge pods_place(const struct pods *pods, const struct cgroup_containers *containers,
			      struct pod_place *ret_place)
{
	enum pod_knowledge best = POD_NOT_IN_ONE;

	*ret_place = (struct pod_place){};
	for (size_t i = 0; i < containers->nr; i++) {
		const struct cgroup_container *where = &containers->items[i];
		enum pod_knowledge knowledge = place_of(pods, where, ret_place);

		if (knowledge > POD_UNKNOWN) {
			ret_place->where = where;
			return knowledge;
		}
		if (knowledge > best)
			best = knowledge;
	}
	return best;
}
