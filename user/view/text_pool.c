/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A hash table, whose own list keeps the order. */
#include "view/text_pool.h"

#include <errno.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1 /* an entry not added has no table */
#include <uthash.h>

struct pooled_text {
	size_t index;
	UT_hash_handle hh;
	char text[];
};

struct text_pool {
	struct pooled_text *texts; /* uthash, in the order of coming */
	size_t bytes, max_bytes;
};

int text_pool_new(size_t max_bytes, struct text_pool **ret_pool)
{
	struct text_pool *pool = calloc(1, sizeof(*pool));

	if (!pool)
		return -ENOMEM;
	pool->max_bytes = max_bytes;
	*ret_pool = pool;
	return 0;
}

void text_pool_free(struct text_pool *pool)
{
	struct pooled_text *next;

	if (!pool)
		return;
	next = pool->texts;
	HASH_CLEAR(hh, pool->texts);
	while (next) {
		struct pooled_text *text = next;

		next = text->hh.next;
		free(text);
	}
	free(pool);
}

static struct pooled_text *add(struct text_pool *pool, const char *text, size_t length)
{
	const size_t bytes = sizeof(struct pooled_text) + length + 1;
	struct pooled_text *pooled;

	if (bytes > pool->max_bytes - pool->bytes)
		return NULL;
	pooled = malloc(bytes);
	if (!pooled)
		return NULL;
	memcpy(pooled->text, text, length + 1);
	pooled->index = HASH_COUNT(pool->texts);
	HASH_ADD_KEYPTR(hh, pool->texts, pooled->text, length, pooled);
	if (!pooled->hh.tbl) {
		free(pooled);
		return NULL;
	}
	pool->bytes += bytes;
	return pooled;
}

const char *text_pool_put(struct text_pool *pool, const char *text, size_t *ret_index)
{
	const size_t length = strlen(text);
	struct pooled_text *pooled;

	HASH_FIND(hh, pool->texts, text, length, pooled);
	if (!pooled)
		pooled = add(pool, text, length);
	if (pooled && ret_index)
		*ret_index = pooled->index;
	return pooled ? pooled->text : NULL;
}

size_t text_pool_nr(const struct text_pool *pool)
{
	return HASH_COUNT(pool->texts);
}

void text_pool_list(const struct text_pool *pool, const char **texts)
{
	for (const struct pooled_text *text = pool->texts; text; text = text->hh.next)
		texts[text->index] = text->text;
}
