/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A table by loop, in which uthash keeps the order of arrival. */
#include "agent/places.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

#include "base/cleanup.h"
#include "identity/container/cgroup_containers.h"

struct noted_place {
	struct loop_id id;
	__u32 own_pid;
	char cgroup[IDENTITY_CGROUP_LEN];
	UT_hash_handle hh;
};

struct places {
	struct noted_place *items; /* uthash, the oldest first */
	size_t max_places;
};

int places_new(size_t max_places, struct places **ret_places)
{
	struct places *places = calloc(1, sizeof(*places));

	if (!places)
		return -ENOMEM;
	places->max_places = max_places;
	*ret_places = places;
	return 0;
}

static void forget(struct places *places, struct noted_place *noted)
{
	HASH_DEL(places->items, noted);
	free(noted);
}

void places_free(struct places *places)
{
	if (!places)
		return;
	while (places->items)
		forget(places, places->items);
	free(places);
}

static bool has_container(const char *path)
{
	struct cgroup_containers containers;

	cgroup_containers_parse(path, &containers);
	return containers.nr > 0;
}

/* A path of which part is missing, here or from the start, could pass for that of another pod. */
static bool is_usable(const char *path, bool cut)
{
	return *path && !cut && strlen(path) < IDENTITY_CGROUP_LEN;
}

/*
 * A runtime that knows nothing of the unified hierarchy leaves containers in its own place there.
 * NULL: neither can be used.
 */
static const char *best_path(const struct place *place)
{
	bool unified = is_usable(place->unified, place->unified_cut);
	bool v1 = is_usable(place->v1, place->v1_cut);

	if (!unified || !v1)
		return unified ? place->unified : v1 ? place->v1 : NULL;
	if (has_container(place->unified))
		return place->unified;
	if (has_container(place->v1) || strcmp(place->unified, "/") == 0)
		return place->v1;
	return place->unified;
}

static struct noted_place *find(const struct places *places, const struct loop_id *id)
{
	struct noted_place *noted;

	HASH_FIND(hh, places->items, id, sizeof(*id), noted);
	return noted;
}

void places_note(struct places *places, const struct place *place)
{
	struct noted_place *noted = find(places, &place->id);
	const char *path = best_path(place);

	if (noted)
		forget(places, noted);
	if (!path)
		return;
	while (places->items && HASH_COUNT(places->items) >= places->max_places)
		forget(places, places->items);
	noted = calloc(1, sizeof(*noted));
	if (!noted)
		return;
	noted->id = place->id;
	noted->own_pid = place->own_pid;
	strcpy(noted->cgroup, path);
	HASH_ADD(hh, places->items, id, sizeof(noted->id), noted);
	if (!noted->hh.tbl)
		free(noted);
}

bool places_find(const struct places *places, const struct loop_id *id,
		 struct process_identity *identity)
{
	const struct noted_place *noted = find(places, id);

	if (!noted)
		return false;
	strcpy(identity->cgroup, noted->cgroup);
	identity->own_pid = noted->own_pid;
	return true;
}

void places_forget(struct places *places, const struct loop_id *id)
{
	struct noted_place *noted = find(places, id);

	if (noted)
		forget(places, noted);
}
