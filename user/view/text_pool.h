/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Texts that come again and again, kept once each. Bounded: what does not fit in has no place. */
#ifndef LOOPSCOPE_TEXT_POOL_H
#define LOOPSCOPE_TEXT_POOL_H

#include <stddef.h>

#include "base/cleanup.h"

struct text_pool;

/* Together with what keeping them takes. -ENOMEM. text_pool_free takes NULL. */
int text_pool_new(size_t max_bytes, struct text_pool **ret_pool);
void text_pool_free(struct text_pool *pool);
DEFINE_CLEANUP(struct text_pool *, text_pool_free)

/*
 * The pool's own copy, the same pointer for the same text, valid as long as the pool; NULL: there
 * is no room for another. *ret_index, if not NULL: from 0 on, in the order of coming.
 */
const char *text_pool_put(struct text_pool *pool, const char *text, size_t *ret_index);

size_t text_pool_nr(const struct text_pool *pool);

/* Fills `texts`, which has room for all, by their indices. */
void text_pool_list(const struct text_pool *pool, const char **texts);

#endif
