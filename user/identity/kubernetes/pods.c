/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The store of pods: an entry for each, found by its uid, by the hash of a static pod and by the
 * runs of its containers. It owns the pods; the deleted ones wait in a line of their own.
 */
#include "identity/kubernetes/pods.h"

#include <errno.h>
#include <string.h>
#include <utlist.h>

#include "identity/kubernetes/pods_parts.h"

int pods_new(const struct pods_options *options, struct pods **ret_pods)
{
	struct pods *pods = calloc(1, sizeof(*pods));

	if (!pods)
		return -ENOMEM;
	pods->options = *options;
	*ret_pods = pods;
	return 0;
}

/* Two may have a hash while one takes the other's place, or if a pod lies: the first keeps it. */
static int claim_hash(struct pods *pods, struct pods_entry *entry)
{
	struct pods_entry *holder;

	if (!entry->config_hash[0])
		return 0;
	HASH_FIND(by_hash, pods->hashes, entry->config_hash, strlen(entry->config_hash), holder);
	if (holder == entry || (holder && !holder->deleted))
		return 0;
	if (holder)
		HASH_DELETE(by_hash, pods->hashes, holder);
	HASH_ADD_KEYPTR(by_hash, pods->hashes, entry->config_hash, strlen(entry->config_hash),
			entry);
	return entry->by_hash.tbl ? 0 : -ENOMEM;
}

static void hand_hash_on(struct pods *pods, const struct pods_entry *from)
{
	struct pods_entry *entry, *next;

	HASH_ITER(hh, pods->entries, entry, next)
	{
		if (entry != from && !entry->deleted &&
		    strcmp(entry->config_hash, from->config_hash) == 0) {
			claim_hash(pods, entry);
			return;
		}
	}
}

static bool holds_hash(const struct pods *pods, const struct pods_entry *entry)
{
	struct pods_entry *holder;

	HASH_FIND(by_hash, pods->hashes, entry->config_hash, strlen(entry->config_hash), holder);
	return holder == entry;
}

static void release_hash(struct pods *pods, struct pods_entry *entry)
{
	if (!entry->config_hash[0] || !holds_hash(pods, entry))
		return;
	HASH_DELETE(by_hash, pods->hashes, entry);
	hand_hash_on(pods, entry);
}

static void forget(struct pods *pods, struct pods_entry *entry)
{
	if (entry->deleted) {
		DL_DELETE(pods->deleted, entry);
		pods->nr_deleted--;
	}
	release_hash(pods, entry);
	pod_runs_clear(&pods->runs, &entry->runs);
	HASH_DEL(pods->entries, entry);
	pods->nr_bytes -= entry->nr_bytes;
	pod_free(entry->pod);
	free(entry);
}

void pods_free(struct pods *pods)
{
	if (!pods)
		return;
	while (pods->entries)
		forget(pods, pods->entries);
	free(pods);
}

/* One deleted goes, the first of them first. */
static bool forget_deleted(struct pods *pods)
{
	if (!pods->deleted)
		return false;
	forget(pods, pods->deleted);
	return true;
}

static size_t bytes_of(const struct pods_entry *entry, const struct pod *pod)
{
	return sizeof(*entry) + pod->nr_bytes + entry->runs.nr * sizeof(struct pod_run);
}

/* entry: whose pod this is to be, not deleted; NULL: a new one's. */
static bool make_room(struct pods *pods, const struct pods_entry *entry, const struct pod *pod)
{
	size_t more = entry ? bytes_of(entry, pod) : sizeof(*entry) + pod->nr_bytes;
	size_t less = entry ? entry->nr_bytes : 0;

	while (!entry && HASH_COUNT(pods->entries) >= pods->options.max_pods) {
		if (!forget_deleted(pods))
			return false;
	}
	while (pods->nr_bytes - less + more > pods->options.max_bytes) {
		if (!forget_deleted(pods))
			return false;
	}
	return true;
}

static struct pods_entry *add_entry(struct pods *pods, const char *uid)
{
	struct pods_entry *entry = calloc(1, sizeof(*entry));

	if (!entry)
		return NULL;
	memcpy(entry->uid, uid, sizeof(entry->uid));
	HASH_ADD_STR(pods->entries, uid, entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NULL;
	}
	return entry;
}

static void revive(struct pods *pods, struct pods_entry *entry)
{
	if (!entry->deleted)
		return;
	DL_DELETE(pods->deleted, entry);
	pods->nr_deleted--;
	entry->deleted = false;
}

/* The entry's pod is this now. -ENOMEM: it is, but not all of it can be found. */
static int set_pod(struct pods *pods, struct pods_entry *entry, struct pod *pod)
{
	int r = pod_runs_update(&pods->runs, &entry->runs, pod), r2;

	pod_free(entry->pod);
	entry->pod = pod;
	pods->nr_bytes -= entry->nr_bytes;
	entry->nr_bytes = bytes_of(entry, pod);
	pods->nr_bytes += entry->nr_bytes;
	if (strcmp(entry->config_hash, pod->config_hash) != 0) {
		release_hash(pods, entry);
		memcpy(entry->config_hash, pod->config_hash, sizeof(entry->config_hash));
	}
	r2 = claim_hash(pods, entry);
	return r ? r : r2;
}

static void tell(const struct pods *pods, void (*callback)(const struct pod *pod, void *context),
		 const struct pod *pod)
{
	if (callback)
		callback(pod, pods->options.context);
}

int pods_put(struct pods *pods, struct pod *pod, __u64 now_ns)
{
	_cleanup_(pod_freep) struct pod *owned = pod;
	struct pods_entry *entry;
	bool revived, changed;
	int r;

	pods_expire(pods, now_ns);
	HASH_FIND_STR(pods->entries, pod->uid, entry);
	revived = entry && entry->deleted;
	if (entry) { /* it is there, whether there is room for what it is now or not */
		revive(pods, entry);
		entry->list = pods->list;
	}
	if (!make_room(pods, entry, pod)) {
		pods->nr_refused++;
		if (revived)
			tell(pods, pods->options.changed, entry->pod);
		return -E2BIG;
	}
	changed = !entry || revived || !pod_equal(entry->pod, pod);
	if (!entry)
		entry = add_entry(pods, pod->uid);
	if (!entry)
		return -ENOMEM;
	entry->list = pods->list;
	r = set_pod(pods, entry, TAKE_PTR(owned));
	if (changed)
		tell(pods, pods->options.changed, pod);
	return r;
}

static void delete_entry(struct pods *pods, struct pods_entry *entry, __u64 now_ns)
{
	if (entry->deleted)
		return;
	entry->deleted = true;
	entry->deleted_ns = now_ns;
	DL_APPEND(pods->deleted, entry);
	pods->nr_deleted++;
	if (entry->config_hash[0] && holds_hash(pods, entry))
		hand_hash_on(pods, entry);
	tell(pods, pods->options.deleted, entry->pod);
}

void pods_delete(struct pods *pods, const char *uid, __u64 now_ns)
{
	struct pods_entry *entry;

	HASH_FIND_STR(pods->entries, uid, entry);
	if (entry)
		delete_entry(pods, entry, now_ns);
	pods_expire(pods, now_ns);
}

void pods_begin_list(struct pods *pods)
{
	pods->list++;
}

void pods_end_list(struct pods *pods, __u64 now_ns)
{
	struct pods_entry *entry, *next;

	HASH_ITER(hh, pods->entries, entry, next)
	{
		if (entry->list != pods->list)
			delete_entry(pods, entry, now_ns);
	}
	pods_expire(pods, now_ns);
}

void pods_expire(struct pods *pods, __u64 now_ns)
{
	while (pods->deleted && pods->deleted->deleted_ns + pods->options.grace_ns <= now_ns)
		forget(pods, pods->deleted);
}

void pods_counts(const struct pods *pods, struct pods_counts *ret_counts)
{
	*ret_counts = (struct pods_counts){
		.pods = HASH_COUNT(pods->entries) - pods->nr_deleted,
		.kept = pods->nr_deleted,
		.bytes = pods->nr_bytes,
		.refused = pods->nr_refused,
	};
}
