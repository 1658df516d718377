/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Texts, and other bytes, that come again and again: kept once each, and numbered. Bounded: what
 * does not fit in has no place.
 */
#ifndef LOOPSCOPE_BYTE_POOL_H
#define LOOPSCOPE_BYTE_POOL_H

#include <stddef.h>

#include "base/cleanup.h"

struct byte_pool;

struct pooled_bytes {
	const void *data; /* aligned for any type, and terminated */
	size_t size;
};

/* `max_bytes` are with what keeping them takes. -ENOMEM. byte_pool_free takes NULL. */
int byte_pool_new(size_t max_bytes, struct byte_pool **ret_pool);
void byte_pool_free(struct byte_pool *pool);
DEFINE_CLEANUP(struct byte_pool *, byte_pool_free)

/*
 * The pool's own copy, the same pointer for the same bytes, valid as long as the pool; NULL: there
 * is no room for another. *ret_index, if not NULL: from 0 on, in the order of coming.
 */
const void *byte_pool_put(struct byte_pool *pool, const void *data, size_t size, size_t *ret_index);
const char *byte_pool_put_text(struct byte_pool *pool, const char *text, size_t *ret_index);

size_t byte_pool_nr(const struct byte_pool *pool);

/* Fills `list`, which has room for all, by their indices. */
void byte_pool_list(const struct byte_pool *pool, struct pooled_bytes *list);

#endif
