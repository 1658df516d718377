/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* One allocation an address: the names, and their texts behind them. */
#include "symbols/native/name_cache.h"

#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>
#include <utlist.h>

struct name_key {
	uint64_t object, vaddr;
};

struct name_entry {
	struct name_key key;
	struct name_entry *prev, *next; /* by last use */
	UT_hash_handle hh;
	struct native_names names; /* cut behind the last one; then texts */
};

static struct {
	struct name_entry *index;  /* uthash */
	struct name_entry *oldest; /* utlist: least recently used first */
	uint64_t evictions;
} cache;

static void forget(struct name_entry *entry)
{
	HASH_DEL(cache.index, entry);
	DL_DELETE(cache.oldest, entry);
	free(entry);
}

const struct native_names *name_cache_get(uint64_t object, uint64_t vaddr)
{
	const struct name_key key = {object, vaddr};
	struct name_entry *entry;

	HASH_FIND(hh, cache.index, &key, sizeof(key), entry);
	if (!entry)
		return NULL;
	DL_DELETE(cache.oldest, entry);
	DL_APPEND(cache.oldest, entry);
	return &entry->names;
}

static size_t size_up_to(size_t nr)
{
	return offsetof(struct name_entry, names.names) + nr * sizeof(struct native_name);
}

static const char *copy(char **at, const char *text)
{
	char *here = *at;

	*at = stpcpy(here, text) + 1;
	return here;
}

static struct name_entry *make(const struct native_names *names)
{
	size_t size = size_up_to(names->nr);
	struct name_entry *entry;
	char *at;

	for (size_t i = 0; i < names->nr; i++)
		size += strlen(names->names[i].function) + strlen(names->names[i].file) + 2;
	entry = malloc(size);
	if (!entry)
		return NULL;
	at = (char *)entry + size_up_to(names->nr);
	entry->names.nr = names->nr;
	for (size_t i = 0; i < names->nr; i++) {
		entry->names.names[i] = names->names[i];
		entry->names.names[i].function = copy(&at, names->names[i].function);
		entry->names.names[i].file = copy(&at, names->names[i].file);
	}
	return entry;
}

void name_cache_put(uint64_t object, uint64_t vaddr, const struct native_names *names)
{
	struct name_entry *entry = make(names);

	if (!entry)
		return;
	if (HASH_COUNT(cache.index) >= NAME_CACHE_MAX) {
		forget(cache.oldest);
		cache.evictions++;
	}
	entry->key = (struct name_key){object, vaddr};
	HASH_ADD(hh, cache.index, key, sizeof(entry->key), entry);
	if (!entry->hh.tbl) {
		free(entry);
		return;
	}
	DL_APPEND(cache.oldest, entry);
}

uint64_t name_cache_evictions(void)
{
	return cache.evictions;
}

void name_cache_clear(void)
{
	while (cache.oldest)
		forget(cache.oldest);
}
