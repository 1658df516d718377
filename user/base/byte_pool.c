/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A hash table, whose own list keeps the order. */
#include "base/byte_pool.h"

#include <errno.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

struct pool_entry {
	size_t index;
	size_t size;
	UT_hash_handle hh;
	_Alignas(max_align_t) char data[];
};

struct byte_pool {
	struct pool_entry *entries; /* uthash, in the order of coming */
	size_t bytes, max_bytes;
};

int byte_pool_new(size_t max_bytes, struct byte_pool **ret_pool)
{
	struct byte_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return -ENOMEM;
	pool->max_bytes = max_bytes;
	*ret_pool = pool;
	return 0;
}

void byte_pool_free(struct byte_pool *pool)
{
	struct pool_entry *next;

	if (!pool)
		return;
	next = pool->entries;
	HASH_CLEAR(hh, pool->entries);
	while (next) {
		struct pool_entry *entry = next;

		next = entry->hh.next;
		free(entry);
	}
	free(pool);
}

static struct pool_entry *add(struct byte_pool *pool, const void *data, size_t size)
{
	struct pool_entry *entry;
	size_t bytes;

	if (__builtin_add_overflow(sizeof(*entry) + 1, size, &bytes) ||
	    bytes > pool->max_bytes - pool->bytes)
		return NULL;
	entry = malloc(bytes);
	if (!entry)
		return NULL;
	memcpy(entry->data, data, size);
	entry->data[size] = '\0';
	entry->size = size;
	entry->index = HASH_COUNT(pool->entries);
	HASH_ADD_KEYPTR(hh, pool->entries, entry->data, size, entry);
	if (!entry->hh.tbl) {
		free(entry);
		return NULL;
	}
	pool->bytes += bytes;
	return entry;
}

const void *byte_pool_put(struct byte_pool *pool, const void *data, size_t size, size_t *ret_index)
{
	struct pool_entry *entry;

	HASH_FIND(hh, pool->entries, data, size, entry);
	if (!entry)
		entry = add(pool, data, size);
	if (entry && ret_index)
		*ret_index = entry->index;
	return entry ? entry->data : NULL;
}

const char *byte_pool_put_text(struct byte_pool *pool, const char *text, size_t *ret_index)
{
	return byte_pool_put(pool, text, strlen(text), ret_index);
}

size_t byte_pool_nr(const struct byte_pool *pool)
{
	return HASH_COUNT(pool->entries);
}

void byte_pool_list(const struct byte_pool *pool, struct pooled_bytes *list)
{
	for (const struct pool_entry *entry = pool->entries; entry; entry = entry->hh.next)
		list[entry->index] = (struct pooled_bytes){entry->data, entry->size};
}
